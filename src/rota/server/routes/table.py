"""Every route of the API, one row each: served by ``api``, described by ``openapi``."""

from __future__ import annotations

from typing import Any

from rota.core.account import Role
from rota.server.route import Handler, Route
from rota.server.routes import (
    audit,
    blobs,
    clean,
    config,
    convert,
    errors,
    events,
    files,
    gauges,
    info,
    input,
    keeping,
    listing,
    log,
    metrics,
    nodes,
    people,
    pools,
    reservations,
    sending,
    submit,
    timeline,
    tokens,
    usage,
    verbs,
    whatif,
    why,
)
from rota.wire import api

BASE = "/api/v1"
JOBS = f"{BASE}/jobs"
JOB = f"{JOBS}/{{id:int}}"
BLOBS = f"{BASE}/blobs"
NODES = f"{BASE}/nodes"
POOLS = f"{BASE}/pools"


def _post(
    path: str, handler: Handler, *, body: type[api.Body], answer: Any, **more: Any
) -> Route:
    return Route("POST", path, handler, body=body, answer=answer, **more)


def _get(path: str, handler: Handler, *, answer: Any, query: Any = None) -> Route:
    return Route("GET", path, handler, answer=answer, query=query)


ROUTES: tuple[Route, ...] = (
    _get(BASE, info.show_server, answer=api.ServerView),
    Route(
        "GET", "/health", info.show_health, answer=api.Health, is_open=True, errors=(507,)
    ),
    Route(
        "GET", "/ready", metrics.show_ready, answer=api.Health, is_open=True, errors=(503,)
    ),
    Route("GET", "/metrics", metrics.show_metrics, media="text/plain"),
    Route("GET", "/api/openapi.json", info.show_openapi, is_open=True),
    Route("GET", "/api/job-schema.json", info.show_job_schema, is_open=True),
    Route(
        "POST", JOBS, submit.submit_jobs, body=api.SubmitBody, answer=api.Submitted,
        status=201, other={200: api.DryRun}, reads_body=True, is_noted=False,
        takes_headers=("Idempotency-Key",), errors=(507,),
    ),
    _get(JOBS, listing.list_jobs, answer=api.JobsPage, query=api.JobsQuery),
    _get(f"{JOBS}/ranges", listing.list_ranges, answer=api.JobRanges, query=api.JobsQuery),
    _get(
        f"{JOBS}/groups", listing.list_groups, answer=api.JobGroups, query=api.GroupsQuery
    ),
    _post(f"{JOBS}/kill", verbs.kill_jobs, body=api.KillBody, answer=api.Asked),
    _post(f"{JOBS}/hold", verbs.hold_jobs, body=api.TargetsBody, answer=api.Asked),
    _post(f"{JOBS}/release", verbs.release_jobs, body=api.TargetsBody, answer=api.Asked),
    _post(f"{JOBS}/suspend", verbs.suspend_jobs, body=api.TargetsBody, answer=api.Asked),
    _post(f"{JOBS}/resume", verbs.resume_jobs, body=api.TargetsBody, answer=api.Asked),
    _post(f"{JOBS}/signal", verbs.signal_jobs, body=api.SignalBody, answer=api.Asked),
    _post(f"{JOBS}/rerun", verbs.rerun_jobs, body=api.RerunBody, answer=api.Asked),
    _post(f"{JOBS}/edit", verbs.edit_job, body=api.EditBody, answer=api.Asked),
    _get(JOB, listing.show_job, answer=api.JobView),
    _get(f"{JOB}/environment", listing.show_environment, answer=api.EnvironmentView),
    _get(f"{JOB}/tasks", listing.list_tasks, answer=api.TasksPage, query=api.TasksQuery),
    _get(f"{JOB}/tasks/{{task:int}}", listing.show_task, answer=api.JobView),
    _get(
        f"{JOB}/history", listing.list_history, answer=api.HistoryPage,
        query=api.HistoryQuery,
    ),
    _get(f"{JOB}/errors", errors.list_errors, answer=api.ErrorsView),
    _get(
        f"{JOB}/series", listing.show_series, answer=api.SeriesView, query=api.SeriesQuery
    ),
    Route(
        "GET", f"{JOB}/log", log.read_log, query=api.LogQuery,
        media="application/octet-stream", errors=(507,),
        gives_headers=("X-Rota-Attempt", "X-Rota-Offset", "X-Rota-Size"),
    ),
    _get(f"{JOB}/files", files.list_files, answer=api.FilesView, query=api.FilesQuery),
    _post(
        f"{JOB}/input", input.type_to_job, body=api.InputBody, answer=api.StagedView,
        is_noted=False,
    ),
    _post(f"{JOB}/snap", files.snap_job, body=api.SnapBody, answer=api.StagedView),
    _post(f"{JOB}/put", files.put_job, body=api.PutBody, answer=api.StagedView),
    _post(
        f"{JOB}/send", sending.send_job, body=api.SendBody, answer=api.SentView,
        is_noted=False,
    ),
    Route(
        "POST", f"{BLOBS}/lacking", blobs.lacking_blobs, body=api.LackingBody,
        query=api.BlobQuery, answer=api.LackingView, for_agents=True, is_noted=False,
    ),
    _post(
        f"{BASE}/files/clean", clean.clean_files, body=api.CleanBody, answer=api.CleanView,
        is_direct=True,
    ),
    Route(
        "PUT", f"{BLOBS}/{{digest:str}}", blobs.store_blob, query=api.BlobQuery,
        answer=api.BlobView, status=201, other={202: api.BlobView}, for_agents=True,
        is_noted=False,
        takes_media="application/octet-stream", errors=(507,),
        takes_headers=("X-Rota-Offset", "X-Rota-Size", "Content-Encoding"),
    ),
    Route(
        "GET", f"{BLOBS}/{{digest:str}}", blobs.read_blob, query=api.BlobQuery,
        media="application/octet-stream", takes_headers=("Range",), for_agents=True,
    ),
    _get(f"{JOB}/why", why.why_job, answer=api.WhyView, query=api.WhyQuery),
    _get(NODES, nodes.list_nodes, answer=api.NodesPage),
    _post(
        f"{NODES}/drain", nodes.drain_nodes, body=api.NodesBody, answer=api.NodesAsked,
        role=Role.OPERATOR,
    ),
    _post(
        f"{NODES}/undrain", nodes.undrain_nodes, body=api.NodesBody, answer=api.NodesAsked,
        role=Role.OPERATOR,
    ),
    _get(f"{BASE}/tokens", tokens.list_tokens, answer=api.TokensPage),
    Route(
        "POST", f"{BASE}/tokens", tokens.create_token, body=api.TokenBody,
        answer=api.NewToken, status=201, is_direct=True,
    ),
    _post(
        f"{BASE}/tokens/revoke", tokens.revoke_tokens, body=api.RevokeBody,
        answer=api.Revoked, is_direct=True,
    ),
    Route(
        "POST", f"{BASE}/invitations", tokens.invite_nodes, body=api.InviteBody,
        answer=api.NewToken, status=201, is_direct=True,
    ),
    Route(
        "POST", f"{BASE}/join", tokens.join_node, body=api.JoinBody, answer=api.Joined,
        status=201, is_open=True,
    ),
    _post(
        f"{BASE}/convert", convert.convert_text, body=api.ConvertBody, answer=api.Converted,
        role=Role.VIEWER, is_noted=False,
    ),
    _post(
        f"{BASE}/what-if", whatif.replay_history, body=api.WhatIfBody,
        answer=api.WhatIfView, is_noted=False,
    ),
    _get(f"{BASE}/gauges", gauges.show_gauges, answer=api.GaugesView),
    _get(f"{BASE}/timeline", timeline.show_timeline, answer=api.TimelineView),
    _get(POOLS, pools.list_pools, answer=api.PoolsPage),
    *(
        _post(f"{POOLS}/{verb}", ask, body=api.PoolBody, answer=api.PoolAsked, role=role)
        for verb, ask, role in (
            ("add", pools.add_pool, Role.ADMIN),
            ("set", pools.set_pool, Role.ADMIN),
            ("remove", pools.remove_pool, Role.ADMIN),
            ("drain", pools.drain_pool, Role.OPERATOR),
            ("undrain", pools.undrain_pool, Role.OPERATOR),
        )
    ),
    _post(
        f"{POOLS}/script", pools.show_script, body=api.PoolBody, answer=api.PoolScript,
        role=Role.ADMIN, is_noted=False,
    ),
    Route(
        "GET", f"{POOLS}/log", pools.show_pool_log, answer=api.PoolLog,
        query=api.PoolLogQuery, role=Role.ADMIN,
    ),
    _get(f"{BASE}/users", people.list_users, answer=api.UsersPage),
    _get(f"{BASE}/accounts", people.list_accounts, answer=api.AccountsPage),
    _post(f"{BASE}/limits", people.set_limit, body=api.LimitBody, answer=api.LimitsView),
    _get(f"{BASE}/usage", usage.show_usage, answer=api.UsageView, query=api.UsageQuery),
    _get(f"{BASE}/queues", config.list_queues, answer=api.QueuesPage),
    _get(f"{BASE}/licences", config.list_licences, answer=api.LicencesPage),
    _get(
        f"{BASE}/reservations", reservations.list_reservations, answer=api.ReservationsPage
    ),
    _post(
        f"{BASE}/reservations/add", reservations.add_reservation, body=api.ReservationBody,
        answer=api.ReservationAnswer, role=Role.OPERATOR,
    ),
    _post(
        f"{BASE}/reservations/remove", reservations.remove_reservation, body=api.GiveUpBody,
        answer=api.ReservationAnswer, role=Role.OPERATOR,
    ),
    _get(f"{BASE}/config", config.show_config, answer=api.ConfigView),
    Route(
        "GET", f"{BASE}/store/copy", keeping.copy_store, errors=(507,), role=Role.ADMIN,
        media="application/octet-stream", gives_headers=("X-Rota-Size",),
    ),
    Route(
        "POST", f"{BASE}/store/check", keeping.check_store, answer=api.StoreChecked,
        role=Role.ADMIN,
    ),
    Route(
        "POST", f"{BASE}/config/reload", config.reload_config, answer=api.ConfigView,
        role=Role.ADMIN,
    ),
    _get(
        f"{BASE}/audit", audit.list_audit, answer=api.AuditPage, query=api.AuditQuery
    ),
    Route(
        "GET", f"{BASE}/login", audit.show_login, answer=api.LoginView, is_open=True
    ),
    _get(f"{BASE}/session", audit.show_session, answer=api.SessionView),
    Route(
        "POST", f"{BASE}/session/end", audit.end_session, answer=api.SessionView,
        role=Role.VIEWER, is_direct=True,
    ),
    _get(f"{BASE}/stat", info.show_stat, answer=api.StatView),
    Route(
        "GET", f"{BASE}/events", events.stream_events, query=api.EventsQuery,
        media="text/event-stream", takes_headers=("Last-Event-ID",), errors=(507,),
    ),
)  # fmt: skip
