from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.listed_worker_status import ListedWorkerStatus

if TYPE_CHECKING:
    from ..models.definition_in_use import DefinitionInUse
    from ..models.listed_worker_problems import ListedWorkerProblems


T = TypeVar("T", bound="ListedWorker")


@_attrs_define
class ListedWorker:
    """A process of the system, and what it works on; the other fields are those of a `Worker`.

    Attributes:
        definitions (list[DefinitionInUse] | None): Of the worker `saga`: the versions of the process's definition that
            this code knows. Null for others, and while
            that is not known.
        heartbeat (datetime.datetime): When it last said that it is alive.
        host (str): The machine it runs on.
        name (str): What it is called.
        pid (int): Its process id on that machine.
        problems (ListedWorkerProblems): What does not work, by the name of the part.
        since (datetime.datetime): Since when.
        status (ListedWorkerStatus): Where it stands.
        version (str): The version of the code it runs.
    """

    definitions: list[DefinitionInUse] | None
    heartbeat: datetime.datetime
    host: str
    name: str
    pid: int
    problems: ListedWorkerProblems
    since: datetime.datetime
    status: ListedWorkerStatus
    version: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        definitions: list[dict[str, Any]] | None
        if isinstance(self.definitions, list):
            definitions = []
            for definitions_type_0_item_data in self.definitions:
                definitions_type_0_item = definitions_type_0_item_data.to_dict()
                definitions.append(definitions_type_0_item)

        else:
            definitions = self.definitions

        heartbeat = self.heartbeat.isoformat()

        host = self.host

        name = self.name

        pid = self.pid

        problems = self.problems.to_dict()

        since = self.since.isoformat()

        status = self.status.value

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "definitions": definitions,
                "heartbeat": heartbeat,
                "host": host,
                "name": name,
                "pid": pid,
                "problems": problems,
                "since": since,
                "status": status,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.definition_in_use import DefinitionInUse  # noqa: PLC0415
        from ..models.listed_worker_problems import ListedWorkerProblems  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_definitions(data: object) -> list[DefinitionInUse] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                definitions_type_0 = []
                _definitions_type_0 = data
                for definitions_type_0_item_data in _definitions_type_0:
                    definitions_type_0_item = DefinitionInUse.from_dict(definitions_type_0_item_data)

                    definitions_type_0.append(definitions_type_0_item)

                return definitions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[DefinitionInUse] | None, data)

        definitions = _parse_definitions(d.pop("definitions"))

        heartbeat = datetime.datetime.fromisoformat(d.pop("heartbeat"))

        host = d.pop("host")

        name = d.pop("name")

        pid = d.pop("pid")

        problems = ListedWorkerProblems.from_dict(d.pop("problems"))

        since = datetime.datetime.fromisoformat(d.pop("since"))

        status = ListedWorkerStatus(d.pop("status"))

        version = d.pop("version")

        listed_worker = cls(
            definitions=definitions,
            heartbeat=heartbeat,
            host=host,
            name=name,
            pid=pid,
            problems=problems,
            since=since,
            status=status,
            version=version,
        )

        listed_worker.additional_properties = d
        return listed_worker

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
