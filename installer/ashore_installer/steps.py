"""THE order of an installation, as data. What a step does is in the module of its concern."""

from __future__ import annotations

from ashore_installer.boot.steps import FindBootLoader, InstallBootLoader, ProveBoot
from ashore_installer.configure.certificates import wanted
from ashore_installer.configure.key_steps import EnrolKeys, FetchCertificates, needs_keys
from ashore_installer.configure.steps import (
    CreateAccounts,
    RunScripts,
    SaveRecords,
    SetIdentity,
    SetNetwork,
    WriteFstab,
)
from ashore_installer.executor import Step
from ashore_installer.package_plan import PackagePayload
from ashore_installer.payload.package_steps import (
    DownloadPackages,
    InstallPackages,
    LabelRoot,
    PrepareRoot,
    ProvePackages,
    VerifyPackages,
)
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
from ashore_installer.plan import ImagePayload, InstallPlan
from ashore_installer.storage.steps import (
    FinishStorage,
    MountDeploymentVolumes,
    MountTarget,
    PrepareStorage,
    ProveStorage,
)


def steps_for(plan: InstallPlan, *, kickstart: str = "") -> tuple[Step, ...]:
    """The steps of `plan`; `kickstart` is the plan as a kickstart, which stays on the target."""
    if isinstance(plan.payload, PackagePayload):
        return _package_steps(plan, plan.payload, kickstart)
    return _image_steps(plan, plan.payload, kickstart)


def _image_steps(plan: InstallPlan, image: ImagePayload, kickstart: str) -> tuple[Step, ...]:
    return (
        VerifyPayload(payload=image),
        FindBootLoader(boot=plan.boot),
        *((FetchCertificates(storage=plan.storage),) if wanted(plan.storage) else ()),
        # From here on the disks are changed.
        PrepareStorage(storage=plan.storage),
        MountTarget(storage=plan.storage),
        *((FetchImage(payload=image),) if is_fetched(image) else ()),
        InitSysroot(payload=image),
        ImportImage(payload=image),
        DeployImage(payload=image),
        MountDeploymentVolumes(storage=plan.storage, stateroot=image.stateroot),
        *_system_steps(plan),
        InstallBootLoader(boot=plan.boot),
        RunScripts(scripts=plan.scripts),
        SaveRecords(kickstart=kickstart),
        # Nothing is written into the system after it is labelled; what follows only looks.
        LabelTarget(payload=image),
        ProveDeployment(payload=image),
        ProveBoot(boot=plan.boot),
        ProveStorage(storage=plan.storage, stateroot=image.stateroot),
        FinishStorage(storage=plan.storage),
    )


def _package_steps(plan: InstallPlan, packages: PackagePayload, kickstart: str) -> tuple[Step, ...]:
    return (
        VerifyPackages(payload=packages),
        FindBootLoader(boot=plan.boot),
        *((FetchCertificates(storage=plan.storage),) if wanted(plan.storage) else ()),
        # From here on the disks are changed.
        PrepareStorage(storage=plan.storage),
        MountTarget(storage=plan.storage, whole=True),
        PrepareRoot(storage=plan.storage, system=plan.system),
        DownloadPackages(payload=packages),
        InstallPackages(payload=packages),
        # Before scripts, which may install more.
        ProvePackages(),
        *_system_steps(plan),
        InstallBootLoader(boot=plan.boot),
        RunScripts(scripts=plan.scripts),
        SaveRecords(kickstart=kickstart),
        # Nothing is written into the system after it is labelled; what follows only looks.
        LabelRoot(),
        ProveBoot(boot=plan.boot),
        ProveStorage(storage=plan.storage),
        FinishStorage(storage=plan.storage),
    )


def _system_steps(plan: InstallPlan) -> tuple[Step, ...]:
    """What makes it the system that was asked for, in both modes."""
    return (
        WriteFstab(storage=plan.storage),
        *((EnrolKeys(storage=plan.storage),) if any(map(needs_keys, plan.storage.encrypted)) else ()),
        SetIdentity(system=plan.system),
        *((SetNetwork(network=plan.system.network),) if plan.system.network else ()),
        CreateAccounts(system=plan.system),
    )
