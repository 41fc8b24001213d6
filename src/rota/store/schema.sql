-- Made from schema.py by `python -m rota.store.schema sqlite`; a test compares
-- them, and both with what the migrations lead to.

CREATE TABLE job (
    id INTEGER NOT NULL,
    owner TEXT NOT NULL,
    uid INTEGER,
    name TEXT NOT NULL,
    queue TEXT NOT NULL,
    job_key TEXT,
    submitted_at INTEGER NOT NULL,
    is_array INTEGER NOT NULL,
    request TEXT NOT NULL,
    spec TEXT NOT NULL,
    env BLOB,
    array_values BLOB,
    script BLOB,
    state TEXT NOT NULL,
    counts TEXT NOT NULL,
    failed INTEGER NOT NULL,
    waiting TEXT NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    reason TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX job_failed ON job (id) WHERE failed > 0;

CREATE UNIQUE INDEX job_job_key ON job (owner, job_key) WHERE job_key IS NOT NULL;

CREATE INDEX job_name ON job (name, id);

CREATE INDEX job_owner ON job (owner, state, id);

CREATE INDEX job_state ON job (state, id);

CREATE TABLE tag (
    tag TEXT NOT NULL,
    job INTEGER NOT NULL,
    PRIMARY KEY (tag, job)
) WITHOUT ROWID;

CREATE TABLE content (
    digest BLOB NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (digest)
);

CREATE TABLE task (
    job INTEGER NOT NULL,
    task INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    reason TEXT,
    failures TEXT NOT NULL,
    troubles INTEGER NOT NULL,
    not_before INTEGER,
    started_at INTEGER,
    ended_at INTEGER,
    exit_code INTEGER,
    signal INTEGER,
    PRIMARY KEY (job, task)
) WITHOUT ROWID;

CREATE INDEX task_open ON task (state, job, task) WHERE state <> 'done';

CREATE TABLE attempt (
    job INTEGER NOT NULL,
    task INTEGER NOT NULL,
    n INTEGER NOT NULL,
    node TEXT NOT NULL,
    alloc INTEGER NOT NULL,
    grants TEXT NOT NULL,
    placed_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    exit_code INTEGER,
    signal INTEGER,
    reason TEXT,
    usage TEXT NOT NULL,
    killing TEXT,
    PRIMARY KEY (job, task, n)
) WITHOUT ROWID;

CREATE TABLE event (
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    job INTEGER NOT NULL,
    task INTEGER,
    attempt INTEGER,
    move TEXT NOT NULL,
    state_before TEXT,
    state_after TEXT NOT NULL,
    reason TEXT,
    source TEXT NOT NULL,
    PRIMARY KEY (seq)
);

CREATE INDEX event_job ON event (job, seq, task);

CREATE TABLE node (
    name TEXT NOT NULL,
    boot TEXT NOT NULL,
    cores TEXT NOT NULL,
    memory INTEGER NOT NULL,
    gpus TEXT NOT NULL,
    resources TEXT NOT NULL,
    labels TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    drained TEXT,
    requires TEXT DEFAULT '[]' NOT NULL,
    serves TEXT,
    PRIMARY KEY (name)
);

CREATE TABLE sample (
    job INTEGER NOT NULL,
    task INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    cpu_ms INTEGER NOT NULL,
    rss INTEGER NOT NULL,
    read_bytes INTEGER NOT NULL,
    written_bytes INTEGER NOT NULL,
    processes INTEGER NOT NULL,
    PRIMARY KEY (job, task, attempt, at)
) WITHOUT ROWID;

CREATE TABLE token (
    digest TEXT NOT NULL,
    owner TEXT NOT NULL,
    uid INTEGER,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    expires_at INTEGER,
    uses INTEGER,
    node TEXT,
    labels TEXT DEFAULT '[]' NOT NULL,
    parent TEXT,
    PRIMARY KEY (digest)
);

CREATE TABLE usage (
    owner TEXT NOT NULL,
    used FLOAT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (owner)
);

CREATE TABLE pool (
    name TEXT NOT NULL,
    said TEXT NOT NULL,
    source TEXT NOT NULL,
    drained TEXT,
    removed INTEGER NOT NULL,
    next_n INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE pilot (
    pool TEXT NOT NULL,
    n INTEGER NOT NULL,
    state TEXT NOT NULL,
    id TEXT,
    word TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    up_at INTEGER,
    ended_at INTEGER,
    PRIMARY KEY (pool, n)
);

CREATE TABLE cap (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    own INTEGER NOT NULL,
    said TEXT NOT NULL,
    set_by TEXT NOT NULL,
    at INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    PRIMARY KEY (kind, name, own)
);

CREATE TABLE booking (
    name TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    said TEXT NOT NULL,
    set_by TEXT NOT NULL,
    removed_at INTEGER,
    removed_by TEXT NOT NULL,
    PRIMARY KEY (name, set_at)
);

CREATE TABLE audit (
    id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    owner TEXT NOT NULL,
    role TEXT NOT NULL,
    origin TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    why TEXT NOT NULL,
    refused TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX audit_owner ON audit (owner, id);

CREATE TABLE learned (
    name TEXT NOT NULL,
    said TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE meta (
    only INTEGER NOT NULL,
    server_id TEXT NOT NULL,
    next_alloc INTEGER NOT NULL,
    epoch INTEGER DEFAULT 0 NOT NULL,
    commits INTEGER DEFAULT 0 NOT NULL,
    moved TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (only)
);

CREATE TABLE leader (
    only INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    beats INTEGER NOT NULL,
    who TEXT NOT NULL,
    PRIMARY KEY (only)
);

CREATE TABLE peer (
    name TEXT NOT NULL,
    urls TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (name)
);
