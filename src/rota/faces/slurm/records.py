"""The records of ``scontrol show``: jobs, nodes, partitions, the configuration.

Each is a list of lines, fields in the order that Slurm has them; no value but a comment
has a blank in it.
"""

from __future__ import annotations

import os
import time

from rota.core.foreign import fold_hosts
from rota.faces.slurm import show
from rota.faces.slurm.asking import MIN_AGE_S
from rota.faces.terminal import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from rota.client.views import Node
    from rota.faces.foreign import Site
    from rota.faces.slurm.cluster import Partition
    from rota.faces.slurm.rows import Row

_DEPENDS = {"ok": "afterok", "any": "afterany", "notok": "afternotok", "start": "after"}


def job(row: Row, *, details: bool) -> list[str]:
    """Return the record of a job."""
    array = ""
    if row.is_array:
        index = row.pending or row.task
        array = f" ArrayJobId={row.job} ArrayTaskId={index}"
        if row.limit:
            array += f" ArrayTaskThrottle={row.limit}"
    uid = row.uid or "0"
    lines = [
        f"JobId={row.raw}{array} JobName={row.name}",
        f"UserId={row.user}({uid}) GroupId={row.user}({uid}) MCS_label=N/A",
        f"Priority={_priority(row)} Nice={-int(row.view['priority'])} Account={row.account}"
        f" QOS={row.origin.get('qos', 'normal')}",
        f"JobState={row.state} Reason={row.reason} Dependency={_dependency(row)}",
        f"Requeue={int(bool(row.view['restartable']))} Restarts={_restarts(row)}"
        f" BatchFlag=1 Reboot=0 ExitCode={row.exit}",
        *(["DerivedExitCode=0:0"] if details else []),
        *_times(row),
        *_place(row),
        *_size(row),
        f"Command={row.command}",
        f"WorkDir={row.folder or '(null)'}",
        *([f"Comment={row.comment} "] if row.comment else []),
        f"StdErr={row.path('error')}",
        f"StdIn={row.spec.get('stdin') or '/dev/null'}",
        f"StdOut={row.path('output')}",
        "Power=",
    ]
    return [clean(line) for line in lines]


def _priority(row: Row) -> int:
    held = row.reason in ("JobHeldUser", "JobHeldAdmin")
    return 0 if held else 10_000 + int(row.view["priority"])


def _dependency(row: Row) -> str:
    after = row.view.get("after") or ()
    if row.state != "PENDING" or not after:
        return "(null)"
    fate = "failed" if row.reason == "DependencyNeverSatisfied" else "unfulfilled"
    pairs = (text.partition(":") for text in after)
    return ",".join(f"{_DEPENDS[kind]}:{job}({fate})" for kind, _, job in pairs)


def _restarts(row: Row) -> int:
    return max(0, int(row.view.get("attempt") or 1) - 1)


def _times(row: Row) -> list[str]:
    submitted = show.moment(row.submitted, "Unknown")
    begun = row.state != "PENDING"
    eligible = submitted if begun or row.reason in ("None", "Resources") else "Unknown"
    return [
        f"RunTime={show.clock(row.elapsed)} TimeLimit={show.clock(row.limit_s)}"
        " TimeMin=N/A",
        f"SubmitTime={submitted} EligibleTime={eligible}",
        f"AccrueTime={eligible}",
        f"StartTime={show.moment(row.started, 'Unknown')}"
        f" EndTime={show.moment(row.due, 'Unknown')} Deadline=N/A",
        f"SuspendTime=None SecsPreSuspend=0 LastSchedEval={submitted} Scheduler=Main",
    ]


def _place(row: Row) -> list[str]:
    host = str(row.view["request"]["host"] or "(null)")
    batch = [f"BatchHost={row.hosts[0]}"] if row.hosts else []
    return [
        f"Partition={row.partition} AllocNode:Sid={os.uname().nodename}:0",
        f"ReqNodeList={host} ExcNodeList=(null)",
        f"NodeList={row.nodes}",
        *batch,
    ]


def _size(row: Row) -> list[str]:
    memory = show.megabytes(row.memory) if row.memory else "0"
    field = f"MinMemoryNode={memory}"
    if "mem_per_cpu" in row.origin:
        field = f"MinMemoryCPU={show.megabytes(int(row.origin['mem_per_cpu']))}"
    require = "&".join(row.view["request"]["require"]).replace(" ", "") or "(null)"
    gpus = row.view["request"]["gpus"]
    shared = "NO" if row.view["request"].get("exclusive") else "OK"
    return [
        f"NumNodes={row.node_count} NumCPUs={row.cpus} NumTasks={row.ntasks}"
        f" CPUs/Task={row.cpus_per_task} ReqB:S:C:T=0:0:*:*",
        f"TRES={row.tres}",
        "Socks/Node=* NtasksPerN:B:S:C=0:0:*:* CoreSpec=*",
        f"MinCPUsNode=1 {field} MinTmpDiskNode=0",
        f"Features={require} DelayBoot=00:00:00",
        f"OverSubscribe={shared} Contiguous=0 Licenses=(null) Network=(null)",
        *([f"TresPerNode=gres:gpu:{gpus}"] if gpus else []),
    ]


def node(found: Node, queues: Sequence[str]) -> list[str]:
    """Return the record of a node."""
    from rota.faces.slurm.cluster import state_of

    raw = found.raw
    memory, used = int(raw["memory"]) >> 20, int(raw["memory_used"]) >> 20
    free = int(raw.get("memory_free") or raw["memory"]) >> 20
    labels = ",".join(raw["labels"]) or "(null)"
    gres = f"gpu:{raw['gpus']}" if raw["gpus"] else "(null)"
    cores, busy = raw["cores"], raw["cores_used"]
    alloc = f"cpu={busy}" + (f",mem={used}M" if used else "") if busy else ""
    reason = [f"Reason={raw['reason']['text']}"] if raw.get("reason") else []
    load = raw.get("load")
    lines = [
        f"NodeName={found.name} Arch=x86_64 CoresPerSocket=1 ",
        f"CPUAlloc={busy} CPUEfctv={cores} CPUTot={cores}"
        f" CPULoad={'N/A' if load is None else f'{load:.2f}'}",
        f"AvailableFeatures={labels}",
        f"ActiveFeatures={labels}",
        f"Gres={gres}",
        f"NodeAddr={found.name} NodeHostName={found.name} Version=22.05.8",
        f"OS=Linux {raw['facts'].get('kernel', '')} ",
        f"RealMemory={memory} AllocMem={used} FreeMem={free} Sockets={cores} Boards=1",
        f"State={state_of(found)[0].upper()} ThreadsPerCore=1 TmpDisk=0 Weight=1 Owner=N/A"
        " MCS_label=N/A",
        f"Partitions={','.join(queues)} ",
        f"CfgTRES=cpu={cores},mem={memory}M,billing={cores}",
        f"AllocTRES={alloc}",
        *reason,
    ]
    return [clean(line) for line in lines]


def partition(part: Partition) -> list[str]:
    """Return the record of a partition."""
    limit = show.clock(part.limit_s)
    default = show.clock(part.default_s, "NONE")
    return [
        f"PartitionName={clean(part.name)}",
        "AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL",
        f"AllocNodes=ALL Default={'YES' if part.is_default else 'NO'} QoS=N/A",
        f"DefaultTime={default} DisableRootJobs=NO ExclusiveUser=NO GraceTime=0 Hidden=NO",
        f"MaxNodes=UNLIMITED MaxTime={limit} MinNodes=0 LLN=NO MaxCPUsPerNode=UNLIMITED",
        f"Nodes={part.nodes}",
        "PriorityJobFactor=1 PriorityTier=1 RootOnly=NO ReqResv=NO OverSubscribe=NO",
        "OverTimeLimit=NONE PreemptMode=OFF",
        f"State=UP TotalCPUs={part.cores} TotalNodes={part.count}"
        " SelectTypeParameters=NONE",
        "JobDefaults=(null)",
        "DefMemPerNode=UNLIMITED MaxMemPerNode=UNLIMITED",
        f"TRES=cpu={part.cores},mem={part.memory >> 20}M,node={part.count}"
        f",billing={part.cores}",
    ]


def reservation(row: Mapping[str, Any], nodes: Sequence[Node]) -> list[str]:
    """Return the record of a reservation; *nodes* are all there are."""
    kept = [n for n in nodes if row["now"] is None or n.name in row["now"]]
    start, end = show.instant(row["start"]), show.instant(row["end"])
    lasts = show.clock((end or 0) - (start or 0))
    users, accounts = (",".join(row[key]) or "(null)" for key in ("users", "accounts"))
    lines = [
        f"ReservationName={row['name']} StartTime={show.moment(start)}"
        f" EndTime={show.moment(end)} Duration={lasts}",
        f"Nodes={fold_hosts([n.name for n in kept])} NodeCnt={len(kept)}"
        f" CoreCnt={sum(n.raw['cores'] for n in kept)}"
        f" Features={'&'.join(row['labels']) or '(null)'} PartitionName=(null)"
        f" Flags={'MAINT' if row['kind'] == 'maintenance' else 'SPEC_NODES'}",
        "TRES=(null)",
        f"Users={users} Groups=(null) Accounts={accounts} Licenses=(null)"
        f" State={'ACTIVE' if row['state'] == 'on' else 'INACTIVE'} BurstBuffer=(null)"
        " Watts=n/a",
        "MaxStartDelay=(null)",
    ]
    return [clean(line) for line in lines]


def configuration(site: Site) -> list[str]:
    """Return what clients ask the configuration for, without asking the server."""
    said = {
        "AccountingStorageType": "accounting_storage/slurmdbd",
        "ClusterName": "rota",
        "DefMemPerNode": "UNLIMITED",
        "JobRequeue": "1",
        "KillWait": "10 sec",
        "MaxArraySize": "10000001",
        "MaxJobCount": "10000000",
        "MaxMemPerNode": "UNLIMITED",
        "MinJobAge": f"{MIN_AGE_S} sec",
        "PriorityType": "priority/basic",
        "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_CPU_MEMORY",
        "SLURM_CONF": clean(site.home or site.server or ""),
        "SLURM_VERSION": "22.05.8",
    }
    head = f"Configuration data as of {show.moment(time.time())}"
    rows = [f"{name:<23} = {value}" for name, value in said.items()]
    return [head, *rows, "", f"Slurmctld(primary) at {os.uname().nodename} is UP"]
