"""The rows of `sessions` and `qrs`, read and written inside the caller's transaction."""

import sqlite3
from collections.abc import Collection
from dataclasses import asdict, fields

from store.errors import NotOwner, StoreUnavailable
from store.records.reason import Reason
from store.records.sessions import Qr, Session, Status
from store.sqlite.schema import damaged

#: What a session and its row name alike: all but the reason, which is two columns, and the code, which is a
#: row of its own.
COLUMNS = [column.name for column in fields(Session) if column.name not in ("reason", "qr")]

#: More sessions than there can be.
NO_LIMIT = 2**62

#: Before every session in the order of pages.
FIRST = (-1, "")


def read(connection: sqlite3.Connection, session_id: str) -> Session | None:
    """The session with its newest code."""
    row = _row(connection, session_id)
    return _session(row) if row else None


def read_owned(connection: sqlite3.Connection, session_id: str, token: int | None) -> Session | None:
    """The same, to be written by the owner with this token; None: by any. Raises NotOwner."""
    row = _row(connection, session_id)
    if row is not None and token is not None and row["token"] != token:
        raise NotOwner(f"another front owns the session {session_id}")
    return _session(row) if row else None


def read_page(
    connection: sqlite3.Connection,
    *,
    statuses: Collection[Status] | None = None,
    among: Collection[str] | None = None,
    limit: int = NO_LIMIT,
    after: tuple[int, str] = FIRST,
) -> list[Session]:
    """The next sessions, the oldest first: see SessionStore.page."""
    created_at, session_id = after
    in_status, status_names = one_of("status", statuses)
    in_ids, id_names = one_of("id", among)
    rows = connection.execute(
        f"""
        SELECT *
        FROM sessions_with_qrs
        WHERE (created_at, id) > (:created_at, :id)
        AND {in_status}
        AND {in_ids}
        ORDER BY created_at, id
        LIMIT :limit
        """,  # noqa: S608  # names of columns and parameters
        {"created_at": created_at, "id": session_id, "limit": limit, **status_names, **id_names},
    )
    return [_session(row) for row in rows]


def one_of(column: str, values: Collection[str] | None) -> tuple[str, dict[str, str]]:
    """Returns a condition that the column has one of the values, and its parameters. None: any value."""
    if values is None:
        return "1 = 1", {}
    named = {f"{column}_{number}": value for number, value in enumerate(sorted(set(values)))}
    return (f"{column} IN ({', '.join(f':{name}' for name in named)})" if named else "1 = 0"), named


def insert(connection: sqlite3.Connection, session: Session, *, token: int) -> bool:
    """Whether the id was free."""
    cursor = connection.execute(
        """
        INSERT INTO sessions (id, name, device_name, proxy, status, reason_code, reason_detail, phone_number,
                              account, push_name, epoch, have, node, token, created_at, updated_at,
                              connected_at, linked_at, restriction, restricted_until, is_restored,
                              begins_after)
        VALUES (:id, :name, :device_name, :proxy, :status, :reason_code, :reason_detail, :phone_number,
                :account, :push_name, :epoch, :have, :node, :token, :created_at, :updated_at,
                :connected_at, :linked_at, :restriction, :restricted_until, :is_restored,
                COALESCE((SELECT last FROM event_log), 0))
        ON CONFLICT (id) DO NOTHING
        """,
        {**_columns(session), "token": token},
    )
    return cursor.rowcount == 1


def update(connection: sqlite3.Connection, before: Session, after: Session, *, token: int) -> bool:
    """Writes what differs, but for the code. Whether the session still had this token.

    If another account is linked than the last time, all messages that the session has are of earlier ones.
    A column that is named is written to its indexes too, even if its value stays.
    """
    known = _columns(before)
    changed = {name: value for name, value in _columns(after).items() if value != known[name]}
    if not changed:
        return True
    changes = [f"{name} = :{name}" for name in changed]
    if "account" in changed:
        changes.append("earlier_place = CASE WHEN account <> :account THEN last_place ELSE earlier_place END")
    cursor = connection.execute(
        f"""
        UPDATE sessions
        SET {", ".join(changes)}
        WHERE id = :id AND token = :token
        """,  # noqa: S608  # names of columns
        {**changed, "id": after.id, "token": token},
    )
    return cursor.rowcount == 1


def write_qr(connection: sqlite3.Connection, session: Session) -> None:
    """Writes the session's code, or delete it."""
    if session.qr is None:
        connection.execute("DELETE FROM qrs WHERE session_id = :id", {"id": session.id})
        return
    connection.execute(
        """
        INSERT INTO qrs (session_id, payload, ordinal, epoch, issued_at, expires_at, shown_expires_at,
                         boot_id)
        VALUES (:session_id, :payload, :ordinal, :epoch, :issued_at, :expires_at, :shown_expires_at, :boot_id)
        ON CONFLICT (session_id) DO UPDATE
        SET payload = excluded.payload, ordinal = excluded.ordinal, epoch = excluded.epoch,
            issued_at = excluded.issued_at, expires_at = excluded.expires_at,
            shown_expires_at = excluded.shown_expires_at, boot_id = excluded.boot_id
        """,
        {"session_id": session.id, **asdict(session.qr)},
    )


def _row(connection: sqlite3.Connection, session_id: str) -> sqlite3.Row | None:
    query = "SELECT * FROM sessions_with_qrs WHERE id = :id"
    row: sqlite3.Row | None = connection.execute(query, {"id": session_id}).fetchone()
    return row


def _columns(session: Session) -> dict[str, object]:
    reason = session.reason
    return {
        **{name: getattr(session, name) for name in COLUMNS},
        "is_restored": int(session.is_restored),
        "reason_code": reason and reason.code,
        "reason_detail": reason and reason.detail,
    }


def _session(row: sqlite3.Row) -> Session:
    """Raises StoreUnavailable if the row was never written so."""
    try:
        status = Status(row["status"])
    except ValueError:
        raise StoreUnavailable(damaged("a session has a status that does not exist")) from None
    return Session(
        **{name: row[name] for name in COLUMNS if name not in ("status", "is_restored")},
        status=status,
        is_restored=bool(row["is_restored"]),
        reason=None if row["reason_code"] is None else Reason(row["reason_code"], row["reason_detail"]),
        qr=None if row["payload"] is None else _qr(row),
    )


def _qr(row: sqlite3.Row) -> Qr:
    return Qr(
        payload=row["payload"],
        ordinal=row["ordinal"],
        epoch=row["qr_epoch"],
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
        shown_expires_at=row["shown_expires_at"],
        boot_id=row["boot_id"],
    )
