-- Made from schema.py by `python -m rota.store.schema postgresql`; a test compares
-- them, and both with what the migrations lead to.

CREATE TABLE job (
    id BIGINT NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    uid BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    queue TEXT COLLATE "C" NOT NULL,
    job_key TEXT COLLATE "C",
    submitted_at BIGINT NOT NULL,
    is_array SMALLINT NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    spec TEXT COLLATE "C" NOT NULL,
    env BYTEA,
    array_values BYTEA,
    script BYTEA,
    state TEXT COLLATE "C" NOT NULL,
    counts TEXT COLLATE "C" NOT NULL,
    failed BIGINT NOT NULL,
    waiting TEXT COLLATE "C" NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    reason TEXT COLLATE "C",
    PRIMARY KEY (id)
);

CREATE INDEX job_failed ON job (id) WHERE failed > 0;

CREATE UNIQUE INDEX job_job_key ON job (owner, job_key) WHERE job_key IS NOT NULL;

CREATE INDEX job_name ON job (name, id);

CREATE INDEX job_owner ON job (owner, state, id);

CREATE INDEX job_state ON job (state, id);

CREATE TABLE tag (
    tag TEXT COLLATE "C" NOT NULL,
    job BIGINT NOT NULL,
    PRIMARY KEY (tag, job)
);

CREATE TABLE content (
    digest BYTEA NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (digest)
);

CREATE TABLE task (
    job BIGINT NOT NULL,
    task BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    reason TEXT COLLATE "C",
    failures TEXT COLLATE "C" NOT NULL,
    troubles BIGINT NOT NULL,
    not_before BIGINT,
    started_at BIGINT,
    ended_at BIGINT,
    exit_code BIGINT,
    signal BIGINT,
    PRIMARY KEY (job, task)
);

CREATE INDEX task_open ON task (state, job, task) WHERE state <> 'done';

CREATE TABLE attempt (
    job BIGINT NOT NULL,
    task BIGINT NOT NULL,
    n BIGINT NOT NULL,
    node TEXT COLLATE "C" NOT NULL,
    alloc BIGINT NOT NULL,
    grants TEXT COLLATE "C" NOT NULL,
    placed_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    exit_code BIGINT,
    signal BIGINT,
    reason TEXT COLLATE "C",
    usage TEXT COLLATE "C" NOT NULL,
    killing TEXT COLLATE "C",
    PRIMARY KEY (job, task, n)
);

CREATE TABLE event (
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    job BIGINT NOT NULL,
    task BIGINT,
    attempt BIGINT,
    move TEXT COLLATE "C" NOT NULL,
    state_before TEXT COLLATE "C",
    state_after TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    source TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (seq)
);

CREATE INDEX event_job ON event (job, seq, task);

CREATE TABLE node (
    name TEXT COLLATE "C" NOT NULL,
    boot TEXT COLLATE "C" NOT NULL,
    cores TEXT COLLATE "C" NOT NULL,
    memory BIGINT NOT NULL,
    gpus TEXT COLLATE "C" NOT NULL,
    resources TEXT COLLATE "C" NOT NULL,
    labels TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT NOT NULL,
    drained TEXT COLLATE "C",
    requires TEXT COLLATE "C" DEFAULT '[]' NOT NULL,
    serves TEXT COLLATE "C",
    PRIMARY KEY (name)
);

CREATE TABLE sample (
    job BIGINT NOT NULL,
    task BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    at BIGINT NOT NULL,
    cpu_ms BIGINT NOT NULL,
    rss BIGINT NOT NULL,
    read_bytes BIGINT NOT NULL,
    written_bytes BIGINT NOT NULL,
    processes BIGINT NOT NULL,
    PRIMARY KEY (job, task, attempt, at)
);

CREATE TABLE token (
    digest TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    uid BIGINT,
    scope TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    note TEXT COLLATE "C" DEFAULT '' NOT NULL,
    expires_at BIGINT,
    uses BIGINT,
    node TEXT COLLATE "C",
    labels TEXT COLLATE "C" DEFAULT '[]' NOT NULL,
    parent TEXT COLLATE "C",
    PRIMARY KEY (digest)
);

CREATE TABLE usage (
    owner TEXT COLLATE "C" NOT NULL,
    used FLOAT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (owner)
);

CREATE TABLE pool (
    name TEXT COLLATE "C" NOT NULL,
    said TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    drained TEXT COLLATE "C",
    removed BIGINT NOT NULL,
    next_n BIGINT NOT NULL,
    gone BIGINT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE pilot (
    pool TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C",
    word TEXT COLLATE "C" NOT NULL,
    asked_at BIGINT NOT NULL,
    since BIGINT NOT NULL,
    up_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (pool, n)
);

CREATE TABLE cap (
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    own BIGINT NOT NULL,
    said TEXT COLLATE "C" NOT NULL,
    set_by TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    gone BIGINT NOT NULL,
    PRIMARY KEY (kind, name, own)
);

CREATE TABLE booking (
    name TEXT COLLATE "C" NOT NULL,
    set_at BIGINT NOT NULL,
    said TEXT COLLATE "C" NOT NULL,
    set_by TEXT COLLATE "C" NOT NULL,
    removed_at BIGINT,
    removed_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (name, set_at)
);

CREATE TABLE audit (
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    origin TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    why TEXT COLLATE "C" NOT NULL,
    refused TEXT COLLATE "C",
    PRIMARY KEY (id)
);

CREATE INDEX audit_owner ON audit (owner, id);

CREATE TABLE learned (
    name TEXT COLLATE "C" NOT NULL,
    said TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE meta (
    "only" BIGINT NOT NULL,
    server_id TEXT COLLATE "C" NOT NULL,
    next_alloc BIGINT NOT NULL,
    epoch BIGINT DEFAULT 0 NOT NULL,
    commits BIGINT DEFAULT 0 NOT NULL,
    moved TEXT COLLATE "C" DEFAULT '' NOT NULL,
    PRIMARY KEY ("only")
);

CREATE TABLE leader (
    "only" BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    beats BIGINT NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY ("only")
);

CREATE TABLE peer (
    name TEXT COLLATE "C" NOT NULL,
    urls TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (name)
);
