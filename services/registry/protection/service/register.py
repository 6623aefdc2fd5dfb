"""What a file of the municipality's own systems does to protection: begin it, and never end it."""

from foundation import clock
from foundation.identifiers import new_id
from foundation.work import Work
from services.registry.protection.domain import (
    Measure,
    MeasureId,
    MeasureState,
    Origin,
    Part,
    ProtectedPerson,
)
from services.registry.protection.events import MeasureMoved
from services.registry.protection.repository import Concealment, Measures


async def settle_file(work: Work) -> int:
    """Open a measure for whomever a file brought under protection; return for how many.

    Called in the transaction in which a file is let in. Whatever the file left readable of where
    a protected person lived before is sealed with it.
    """
    concealment, measures = Concealment(work.tx, work.cipher), Measures(work.tx, work.cipher)
    await concealment.seal_all_history()
    found = await concealment.of_register_only()
    now, today = clock.now(), clock.today()
    for resident_id in found:
        measure = Measure(
            id=MeasureId(new_id()),
            origin=Origin.REGISTER,
            state=MeasureState.PROVISIONAL,
            applied_on=today,
            ends_on=None,
            caretaker="",
            office_work=frozenset(),
            excluded_officials=frozenset(),
            informed_by="",
            informed_on=None,
            notes="",
            persons=(ProtectedPerson(resident_id=resident_id, part=Part.APPLICANT),),
            perpetrators=(),
            proposal=None,
            opened_by=work.principal.subject,
            opened_at=now,
            version=1,
        )
        await measures.add(measure)
        await work.emit(MeasureMoved(subject_id=measure.id, state=measure.state.value))
    return len(found)
