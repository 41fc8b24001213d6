"""The bench: does it measure what it says?"""
