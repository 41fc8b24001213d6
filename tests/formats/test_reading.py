"""What a reader made of a job."""

from rota.formats.reading import Reading


def test_values_remember_where_they_were_said() -> None:
    """And what was not carried over is remembered, too."""
    reading = Reading()
    reading.say("memory", "4GB", "job.sh:3:1")
    reading.note("job.sh:4:1", "--mail-user", "no mail is sent")

    assert reading.doc == {"memory": "4GB"} and reading.sources == {"memory": "job.sh:3:1"}
    assert reading.notices == [("job.sh:4:1", "--mail-user", "no mail is sent")]
