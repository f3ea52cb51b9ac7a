"""THE order of an installation, as data. What a step does is in the module of its concern."""

from __future__ import annotations

from ashore_installer.boot.steps import FindBootLoader, InstallBootLoader, ProveBoot
from ashore_installer.configure.certificates import wanted
from ashore_installer.configure.key_steps import EnrolKeys, FetchCertificates, needs_keys
from ashore_installer.configure.steps import CreateAccounts, RunScripts, SaveRecords, SetIdentity, WriteFstab
from ashore_installer.executor import Step
from ashore_installer.payload.steps import (
    DeployImage,
    FetchImage,
    ImportImage,
    InitSysroot,
    LabelTarget,
    ProveDeployment,
    VerifyPayload,
    is_fetched,
)
from ashore_installer.plan import InstallPlan
from ashore_installer.storage.steps import (
    FinishStorage,
    MountDeploymentVolumes,
    MountTarget,
    PrepareStorage,
    ProveStorage,
)


def steps_for(plan: InstallPlan, *, kickstart: str = "") -> tuple[Step, ...]:
    """The steps of `plan`; `kickstart` is the plan as a kickstart, which stays on the target."""
    return (
        VerifyPayload(payload=plan.image),
        FindBootLoader(boot=plan.boot),
        *((FetchCertificates(storage=plan.storage),) if wanted(plan.storage) else ()),
        # From here on the disks are changed.
        PrepareStorage(storage=plan.storage),
        MountTarget(storage=plan.storage),
        *((FetchImage(payload=plan.image),) if is_fetched(plan.image) else ()),
        InitSysroot(payload=plan.image),
        ImportImage(payload=plan.image),
        DeployImage(payload=plan.image),
        MountDeploymentVolumes(storage=plan.storage, stateroot=plan.image.stateroot),
        WriteFstab(storage=plan.storage),
        *((EnrolKeys(storage=plan.storage),) if any(map(needs_keys, plan.storage.encrypted)) else ()),
        SetIdentity(system=plan.system),
        CreateAccounts(system=plan.system),
        InstallBootLoader(boot=plan.boot),
        RunScripts(scripts=plan.scripts),
        SaveRecords(kickstart=kickstart),
        # Nothing is written into the system after it is labelled; what follows only looks.
        LabelTarget(payload=plan.image),
        ProveDeployment(payload=plan.image),
        ProveBoot(boot=plan.boot),
        ProveStorage(storage=plan.storage, stateroot=plan.image.stateroot),
        FinishStorage(storage=plan.storage),
    )
