CREATE TABLE alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE attempt (
    job bigint NOT NULL,
    task bigint NOT NULL,
    n bigint NOT NULL,
    node text NOT NULL COLLATE pg_catalog."C",
    alloc bigint NOT NULL,
    grants text NOT NULL COLLATE pg_catalog."C",
    placed_at bigint NOT NULL,
    started_at bigint,
    ended_at bigint,
    exit_code bigint,
    signal bigint,
    reason text COLLATE pg_catalog."C",
    usage text NOT NULL COLLATE pg_catalog."C",
    killing text COLLATE pg_catalog."C"
);
CREATE TABLE cap (
    kind text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    own bigint NOT NULL,
    said text NOT NULL COLLATE pg_catalog."C",
    set_by text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    gone bigint NOT NULL
);
CREATE TABLE content (
    digest bytea NOT NULL,
    body text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE event (
    seq bigint NOT NULL,
    at bigint NOT NULL,
    job bigint NOT NULL,
    task bigint,
    attempt bigint,
    move text NOT NULL COLLATE pg_catalog."C",
    state_before text COLLATE pg_catalog."C",
    state_after text NOT NULL COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE job (
    id bigint NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C",
    uid bigint,
    name text NOT NULL COLLATE pg_catalog."C",
    queue text NOT NULL COLLATE pg_catalog."C",
    job_key text COLLATE pg_catalog."C",
    submitted_at bigint NOT NULL,
    is_array smallint NOT NULL,
    request text NOT NULL COLLATE pg_catalog."C",
    spec text NOT NULL COLLATE pg_catalog."C",
    env bytea,
    array_values bytea,
    script bytea,
    state text NOT NULL COLLATE pg_catalog."C",
    counts text NOT NULL COLLATE pg_catalog."C",
    failed bigint NOT NULL,
    waiting text NOT NULL COLLATE pg_catalog."C",
    started_at bigint,
    ended_at bigint,
    reason text COLLATE pg_catalog."C"
);
CREATE TABLE leader (
    "only" bigint NOT NULL,
    epoch bigint NOT NULL,
    beats bigint NOT NULL,
    who text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE meta (
    "only" bigint NOT NULL,
    server_id text NOT NULL COLLATE pg_catalog."C",
    next_alloc bigint NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    commits bigint DEFAULT 0 NOT NULL
);
CREATE TABLE node (
    name text NOT NULL COLLATE pg_catalog."C",
    boot text NOT NULL COLLATE pg_catalog."C",
    cores text NOT NULL COLLATE pg_catalog."C",
    memory bigint NOT NULL,
    gpus text NOT NULL COLLATE pg_catalog."C",
    resources text NOT NULL COLLATE pg_catalog."C",
    labels text NOT NULL COLLATE pg_catalog."C",
    seen_at bigint NOT NULL,
    drained text COLLATE pg_catalog."C",
    requires text DEFAULT '[]'::text NOT NULL COLLATE pg_catalog."C",
    serves text COLLATE pg_catalog."C"
);
CREATE TABLE pilot (
    pool text NOT NULL COLLATE pg_catalog."C",
    n bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    id text COLLATE pg_catalog."C",
    word text NOT NULL COLLATE pg_catalog."C",
    asked_at bigint NOT NULL,
    since bigint NOT NULL,
    up_at bigint,
    ended_at bigint
);
CREATE TABLE pool (
    name text NOT NULL COLLATE pg_catalog."C",
    said text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    drained text COLLATE pg_catalog."C",
    removed bigint NOT NULL,
    next_n bigint NOT NULL,
    gone bigint NOT NULL
);
CREATE TABLE sample (
    job bigint NOT NULL,
    task bigint NOT NULL,
    attempt bigint NOT NULL,
    at bigint NOT NULL,
    cpu_ms bigint NOT NULL,
    rss bigint NOT NULL,
    read_bytes bigint NOT NULL,
    written_bytes bigint NOT NULL,
    processes bigint NOT NULL
);
CREATE TABLE tag (
    tag text NOT NULL COLLATE pg_catalog."C",
    job bigint NOT NULL
);
CREATE TABLE task (
    job bigint NOT NULL,
    task bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    attempt bigint NOT NULL,
    reason text COLLATE pg_catalog."C",
    failures text NOT NULL COLLATE pg_catalog."C",
    troubles bigint NOT NULL,
    not_before bigint,
    started_at bigint,
    ended_at bigint,
    exit_code bigint,
    signal bigint
);
CREATE TABLE token (
    digest text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    uid bigint,
    scope text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    note text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    expires_at bigint,
    uses bigint,
    node text COLLATE pg_catalog."C",
    labels text DEFAULT '[]'::text NOT NULL COLLATE pg_catalog."C",
    parent text COLLATE pg_catalog."C"
);
CREATE TABLE usage (
    owner text NOT NULL COLLATE pg_catalog."C",
    used double precision NOT NULL,
    at bigint NOT NULL
);
INSERT INTO alembic_version VALUES ('0006');
INSERT INTO attempt VALUES (1, 0, 1, 'one', 7, '[{"node":"one","cores":[0],"memory":0,"gpus":[],"resources":[]}]', 1700000000000, 1700000000005, 1700000000009, 0, NULL, '["ok","ended with exit code 0",{"code":0}]', '{"cpu_s":0.5}', NULL);
INSERT INTO attempt VALUES (2, 0, 1, 'one', 7, '[{"node":"one","cores":[0],"memory":0,"gpus":[],"resources":[]}]', 1700000000000, 1700000000005, NULL, NULL, NULL, NULL, '{}', NULL);
INSERT INTO attempt VALUES (2, 1, 1, 'one', 7, '[{"node":"one","cores":[0],"memory":0,"gpus":[],"resources":[]}]', 1700000000000, 1700000000005, NULL, 3, NULL, '["exit_code","ended with exit code 3",{"code":3}]', '{}', NULL);
INSERT INTO attempt VALUES (2, 1, 2, 'one', 7, '[{"node":"one","cores":[0],"memory":0,"gpus":[],"resources":[]}]', 1700000000000, 1700000000005, NULL, 3, NULL, '["exit_code","ended with exit code 3",{"code":3}]', '{}', NULL);
INSERT INTO attempt VALUES (2, 1, 3, 'one', 7, '[{"node":"one","cores":[0],"memory":0,"gpus":[],"resources":[]}]', 1700000000000, 1700000000005, NULL, 3, NULL, '["exit_code","ended with exit code 3",{"code":3}]', '{}', NULL);
INSERT INTO attempt VALUES (2, 2, 1, 'one', 11, '[{"node":"one","cores":[0],"memory":0,"gpus":[],"resources":[]}]', 1700000000000, 1700000000005, NULL, NULL, NULL, NULL, '{}', NULL);
INSERT INTO attempt VALUES (2, 3, 1, 'one', 7, '[{"node":"one","cores":[0],"memory":0,"gpus":[],"resources":[]}]', 1700000000000, 1700000000005, NULL, NULL, NULL, NULL, '{}', NULL);
INSERT INTO content VALUES ('\x5293535153a7f983185e605d410889c0', '{"LANG":"C","PATH":"/bin"}');
INSERT INTO content VALUES ('\xf6277572907a0baf1899de8176e38a23', '{"item":["a","b","c","d","e","f","g","h","i","j"]}');
INSERT INTO content VALUES ('\x7f0a57e4ab09b490816f0198bb77f6d6', '"#!/bin/sh\nmerge\n"');
INSERT INTO event VALUES (1, 1700000000000, 1, NULL, NULL, 'submit', NULL, 'queued', NULL, 'ann');
INSERT INTO event VALUES (2, 1700000000000, 2, NULL, NULL, 'submit', NULL, 'queued', NULL, 'ann');
INSERT INTO event VALUES (3, 1700000000000, 3, NULL, NULL, 'submit', NULL, 'held', NULL, 'ann');
INSERT INTO event VALUES (4, 1700000000000, 4, NULL, NULL, 'submit', NULL, 'queued', NULL, 'ann');
INSERT INTO event VALUES (5, 1700000000000, 5, NULL, NULL, 'submit', NULL, 'queued', NULL, 'ann');
INSERT INTO event VALUES (6, 1700000000000, 1, 0, 1, 'finish', 'running', 'done', NULL, 'ann');
INSERT INTO job VALUES (3, 'ann', 1000, 'script', 'default', NULL, 1700000000000, 0, '{}', '{"after":[["ok",2,false]]}', NULL, NULL, '\x7f0a57e4ab09b490816f0198bb77f6d6', 'held', '{"held":1}', 0, '[[0,0]]', NULL, NULL, '["dependency","waits for job 2",{"what":"job 2"}]');
INSERT INTO job VALUES (4, 'ann', 1000, 'true', 'default', NULL, 1700000000000, 0, '{}', '{"argv":["true"]}', NULL, NULL, NULL, 'queued', '{"queued":1}', 0, '[[0,0]]', NULL, NULL, NULL);
INSERT INTO job VALUES (1, 'ann', 1000, 'true', 'default', NULL, 1700000000000, 0, '{}', '{"argv":["true"]}', NULL, NULL, NULL, 'done', '{"done":1}', 0, '[]', NULL, 1700000000009, '["ok","ended with exit code 0",{"code":0}]');
INSERT INTO job VALUES (2, 'ann', 1000, 'sweep', 'default', 'sweep-1', 1700000000000, 1, '{"cores":2,"memory":1073741824,"time_ms":60000}', '{"command":"fit {item}","name":"sweep","cwd":"/home/ann","array":{"indexes":[[0,9]],"limit":4},"retries":{"any":2},"tags":["thesis"],"key":"sweep-1"}', '\x5293535153a7f983185e605d410889c0', '\xf6277572907a0baf1899de8176e38a23', NULL, 'running', '{"done":1,"failed":1,"running":1,"queued":7}', 1, '[[4,9]]', 1700000000005, NULL, NULL);
INSERT INTO job VALUES (5, 'bob', 1000, 'true', 'default', NULL, 1700000000000, 0, '{}', '{"argv":["true"]}', NULL, NULL, NULL, 'cancelled', '{"cancelled":1}', 0, '[]', NULL, 1700000000007, NULL);
INSERT INTO leader VALUES (1, 1, 0, 'pid 13808 on vm');
INSERT INTO meta VALUES (1, '180dc5e43482ae86', 1011, 1, 6);
INSERT INTO node VALUES ('one', 'boot-1', '[0,1,2,3]', 8589934592, '[]', '{"disk":5}', '["gen4"]', 1700000000000, NULL, '[]', NULL);
INSERT INTO sample VALUES (2, 2, 1, 1700000000000, 0, 1048576, 0, 0, 2);
INSERT INTO sample VALUES (2, 2, 1, 1700000000001, 10, 1048576, 0, 0, 2);
INSERT INTO sample VALUES (2, 2, 1, 1700000000002, 20, 1048576, 0, 0, 2);
INSERT INTO tag VALUES ('thesis', 2);
INSERT INTO task VALUES (1, 0, 'done', 1, '["ok","ended with exit code 0",{"code":0}]', '{}', 0, NULL, 1700000000005, 1700000000009, 0, NULL);
INSERT INTO task VALUES (2, 0, 'done', 1, NULL, '{}', 0, NULL, 1700000000005, NULL, 0, NULL);
INSERT INTO task VALUES (2, 1, 'failed', 3, '["exit_code","ended with exit code 3",{"code":3}]', '{"any":3}', 0, NULL, 1700000000005, NULL, NULL, NULL);
INSERT INTO task VALUES (2, 2, 'running', 1, NULL, '{}', 0, NULL, 1700000000005, NULL, NULL, NULL);
INSERT INTO task VALUES (2, 3, 'queued', 1, NULL, '{}', 1, NULL, 1700000000005, NULL, NULL, NULL);
INSERT INTO token VALUES ('digest-of-a-token', 'ann', 1000, 'user', 1700000000000, 'laptop', NULL, NULL, NULL, '[]', NULL);
ALTER TABLE ONLY alembic_version
    ADD CONSTRAINT alembic_version_pkey PRIMARY KEY (version_num);
ALTER TABLE ONLY attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (job, task, n);
ALTER TABLE ONLY cap
    ADD CONSTRAINT cap_pkey PRIMARY KEY (kind, name, own);
ALTER TABLE ONLY content
    ADD CONSTRAINT content_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY event
    ADD CONSTRAINT event_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);
ALTER TABLE ONLY leader
    ADD CONSTRAINT leader_pkey PRIMARY KEY ("only");
ALTER TABLE ONLY meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY ("only");
ALTER TABLE ONLY node
    ADD CONSTRAINT node_pkey PRIMARY KEY (name);
ALTER TABLE ONLY pilot
    ADD CONSTRAINT pilot_pkey PRIMARY KEY (pool, n);
ALTER TABLE ONLY pool
    ADD CONSTRAINT pool_pkey PRIMARY KEY (name);
ALTER TABLE ONLY sample
    ADD CONSTRAINT sample_pkey PRIMARY KEY (job, task, attempt, at);
ALTER TABLE ONLY tag
    ADD CONSTRAINT tag_pkey PRIMARY KEY (tag, job);
ALTER TABLE ONLY task
    ADD CONSTRAINT task_pkey PRIMARY KEY (job, task);
ALTER TABLE ONLY token
    ADD CONSTRAINT token_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY usage
    ADD CONSTRAINT usage_pkey PRIMARY KEY (owner);
CREATE INDEX event_job ON event USING btree (job, seq, task);
CREATE INDEX job_failed ON job USING btree (id) WHERE (failed > 0);
CREATE UNIQUE INDEX job_job_key ON job USING btree (owner, job_key) WHERE (job_key IS NOT NULL);
CREATE INDEX job_name ON job USING btree (name, id);
CREATE INDEX job_owner ON job USING btree (owner, state, id);
CREATE INDEX job_state ON job USING btree (state, id);
CREATE INDEX task_open ON task USING btree (state, job, task) WHERE (state <> 'done'::text);
