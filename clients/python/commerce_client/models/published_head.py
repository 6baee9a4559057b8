from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PublishedHead")


@_attrs_define
class PublishedHead:
    """A signed tree head in the names and forms of RFC 6962, section 4.3.

    Attributes:
        public_key (None | str): The key that it can be checked with, 32 bytes in base64; null where this machine does
            not have it.
        sha256_root_hash (str): The root of the tree over these events, base64.
        timestamp (int): When it was signed, in milliseconds since 1970.
        tree_head_signature (str): Ed25519 (RFC 8032) over the structure of RFC 6962, section 3.5; base64.
        tree_size (int): How many events, from the first one on, it is signed for.
    """

    public_key: None | str
    sha256_root_hash: str
    timestamp: int
    tree_head_signature: str
    tree_size: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        public_key: None | str
        public_key = self.public_key

        sha256_root_hash = self.sha256_root_hash

        timestamp = self.timestamp

        tree_head_signature = self.tree_head_signature

        tree_size = self.tree_size

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "public_key": public_key,
                "sha256_root_hash": sha256_root_hash,
                "timestamp": timestamp,
                "tree_head_signature": tree_head_signature,
                "tree_size": tree_size,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_public_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        public_key = _parse_public_key(d.pop("public_key"))

        sha256_root_hash = d.pop("sha256_root_hash")

        timestamp = d.pop("timestamp")

        tree_head_signature = d.pop("tree_head_signature")

        tree_size = d.pop("tree_size")

        published_head = cls(
            public_key=public_key,
            sha256_root_hash=sha256_root_hash,
            timestamp=timestamp,
            tree_head_signature=tree_head_signature,
            tree_size=tree_size,
        )

        published_head.additional_properties = d
        return published_head

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
