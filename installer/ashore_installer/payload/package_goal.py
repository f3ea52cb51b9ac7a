"""What is to be installed, given to libdnf5's solver, and what it made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ashore_installer.package_plan import CORE, GroupLevel, PackageInfo, PackagePayload, PackagesInfo
from ashore_installer.payload import package_problems as words
from ashore_installer.payload.package_facts import PackageFiles, modules, packages_info
from ashore_installer.payload.package_protocol import FailureKind, PackagesFailed
from ashore_installer.payload.requirements import langpacks


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A transaction of libdnf5's, and what was left out, as sentences."""

    transaction: Any
    warnings: tuple[str, ...]


def solve(base: Any, payload: PackagePayload) -> Solution:
    """The transaction that installs `payload` with all that it needs. Raises PackagesFailed with every problem."""
    import libdnf5

    goal = libdnf5.base.Goal(base)
    missing = tuple(_add_groups(base, goal, payload))
    for name in (*payload.packages, *_language_packages(base, payload.locale)):
        goal.add_rpm_install(name)
    transaction = goal.resolve()
    said = tuple(dict.fromkeys((*missing, *_problems(base, transaction))))
    if transaction.get_problems() or (missing and not payload.ignore_missing):
        raise unresolvable(said)
    return Solution(transaction=transaction, warnings=(*said, *_skipped(transaction)))


def _language_packages(base: Any, locale: str) -> Iterator[str]:
    """What a language asks for, where a repository has it: that of the country, or else that of the language."""
    import libdnf5

    for name in langpacks(locale):
        query = libdnf5.rpm.PackageQuery(base)
        query.filter_name([name])
        if not query.empty():
            yield name
            return


def unresolvable(problems: tuple[str, ...]) -> PackagesFailed:
    more = f" There are {len(problems) - 1} more problems." if len(problems) > 1 else ""
    return PackagesFailed(
        FailureKind.UNRESOLVABLE,
        f"The packages can't be installed together: {problems[0]}{more}" if problems else "Nothing can be installed.",
        "Change the choice of packages, or add the repository that has what is missing.",
        problems,
    )


def facts_of(base: Any, solution: Solution, architecture: str) -> PackagesInfo:
    """What is known of a transaction from the metadata."""
    found = tuple(described(package) for package in inbound(solution.transaction))
    return packages_info(
        found,
        package_infos(solution.transaction),
        architecture,
        left_out=_modules_elsewhere(base, found),
        warnings=solution.warnings,
    )


def described(package: Any) -> PackageFiles:
    return PackageFiles(
        name=package.get_name(),
        version=package.get_version(),
        release=package.get_release(),
        machine=package.get_arch(),
        install_size=package.get_install_size(),
        provides=tuple(str(item.get_name()) for item in package.get_provides()),
        files=tuple(package.get_files()),
    )


def _modules_elsewhere(base: Any, found: tuple[PackageFiles, ...]) -> frozenset[str]:
    """Modules that only packages have which belong to the kernel that gets installed, and are not installed."""
    import libdnf5

    kernels = {(package.version, package.release) for package in found if package.name == "kernel-core"}
    names = {package.name for package in found}
    query = libdnf5.rpm.PackageQuery(base)
    query.filter_name(["kernel-*"], libdnf5.common.QueryCmp_GLOB)
    others = [
        package
        for package in query
        if (package.get_version(), package.get_release()) in kernels and package.get_name() not in names
    ]
    there = modules(path for package in found for path in package.files)
    return modules(path for package in others for path in package.get_files()) - there


def package_infos(transaction: Any) -> tuple[PackageInfo, ...]:
    found = [
        PackageInfo(
            nevra=package.get_nevra(),
            repository=package.get_repo_id(),
            download_size=package.get_download_size(),
            install_size=package.get_install_size(),
            checksum=f"{package.get_checksum().get_type_str()}:{package.get_checksum().get_checksum()}",
        )
        for package in inbound(transaction)
    ]
    return tuple(sorted(found, key=lambda package: package.nevra))


def inbound(transaction: Any) -> Iterator[Any]:
    """The packages that get installed; into an empty root, that is all of them."""
    for item in transaction.get_transaction_packages():
        yield item.get_package()


def _add_groups(base: Any, goal: Any, payload: PackagePayload) -> Iterator[str]:
    """Add the environment and the groups to `goal`. Gives a sentence for each that there is not."""
    groups, environments = _groups(base), _environments(base)
    wanted = {_id(choice.id, groups): choice.level for choice in payload.groups}
    excluded = {_id(name, groups) for name in payload.excluded_groups}
    if payload.core and CORE in groups:
        wanted.setdefault(CORE, GroupLevel.DEFAULT)
    environment = _id(payload.environment, {name: found.name for name, found in environments.items()})
    if environment and environment not in environments:
        yield words.missing_group(environment, environments, environment=True)
    elif environment:
        mandatory = environments[environment].groups
        special = excluded | {name for name, level in wanted.items() if level is not GroupLevel.DEFAULT}
        if special.isdisjoint(mandatory):
            _install_group(goal, environment, GroupLevel.DEFAULT, environment=True)
        else:
            # libdnf5 knows no environment without one of its groups, nor with more or less of one than by default.
            wanted = {**dict.fromkeys((name for name in mandatory if name in groups), GroupLevel.DEFAULT), **wanted}
    for name, level in wanted.items():
        if name in excluded:
            continue
        if name in groups:
            _install_group(goal, name, level)
        else:
            yield words.missing_group(name, groups)


def _id(asked: str, known: Mapping[str, str]) -> str:
    """The id that is meant: of `known`, ids with the names that people read, whose case does not count."""
    if asked in known:
        return asked
    return next((one for one, name in known.items() if asked and name.casefold() == asked.casefold()), asked)


def _install_group(goal: Any, name: str, level: GroupLevel, *, environment: bool = False) -> None:
    import libdnf5

    comps = libdnf5.comps
    types = comps.PackageType_MANDATORY | comps.PackageType_CONDITIONAL
    if level is not GroupLevel.MANDATORY:
        types |= comps.PackageType_DEFAULT
    if level is GroupLevel.OPTIONAL:
        types |= comps.PackageType_OPTIONAL
    settings = libdnf5.base.GoalJobSettings()
    settings.set_group_package_types(types)
    settings.set_group_with_name(False)
    settings.set_group_search_groups(not environment)
    settings.set_group_search_environments(environment)
    goal.add_group_install(name, libdnf5.transaction.TransactionItemReason_USER, settings)


def _groups(base: Any) -> dict[str, str]:
    """The names of all groups by their ids."""
    import libdnf5

    return {str(group.get_groupid()): str(group.get_name()) for group in libdnf5.comps.GroupQuery(base)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Environment:
    """`groups` always come with it."""

    name: str
    groups: tuple[str, ...]


def _environments(base: Any) -> dict[str, _Environment]:
    """By their ids."""
    import libdnf5

    return {
        str(found.get_environmentid()): _Environment(
            name=str(found.get_name()), groups=tuple(str(name) for name in found.get_groups())
        )
        for found in libdnf5.comps.EnvironmentQuery(base)
    }


def _problems(base: Any, transaction: Any) -> Iterator[str]:
    """What the resolver has to say, as sentences."""
    import libdnf5

    kinds = libdnf5.base
    for event in transaction.get_resolve_logs():
        match event.get_problem():
            case kinds.GoalProblem_NOT_FOUND | kinds.GoalProblem_NOT_FOUND_IN_REPOSITORIES:
                yield words.missing_package(event.get_spec(), _names(base))
            case kinds.GoalProblem_EXCLUDED:
                yield words.excluded_package(event.get_spec())
            case kinds.GoalProblem_SOLVER_ERROR | kinds.GoalProblem_SOLVER_PROBLEM_STRICT_RESOLVEMENT:
                yield from words.solver_sentences(event.to_string())
            case kinds.GoalProblem_HINT_ICASE | kinds.GoalProblem_HINT_ALTERNATIVES:
                pass
            case _:
                yield f"{event.to_string().rstrip('.')}."


def _names(base: Any) -> frozenset[str]:
    import libdnf5

    return frozenset(str(package.get_name()) for package in libdnf5.rpm.PackageQuery(base))


def _skipped(transaction: Any) -> Iterator[str]:
    for package in (*transaction.get_broken_dependency_packages(), *transaction.get_conflicting_packages()):
        yield f"The package {package.get_name()} is left out, as what it needs can't be had."
