//! Every operation against Berkeley SoftFloat, by the vectors under `tests/softfloat-vectors`.

#[path = "../../../tests/softfloat-vectors/src/format.rs"]
mod format;
#[path = "../../../tests/softfloat-vectors/src/ours.rs"]
mod ours;
#[path = "../../../tests/softfloat-vectors/src/read.rs"]
mod read;

use format::Operation;
use softfp::Round;
use std::collections::HashMap;

#[test]
fn equals_berkeley_softfloat() {
    let mut seen: HashMap<Operation, u32> = HashMap::new();
    for case in read::cases() {
        for (&rm, expected) in Round::ALL.iter().zip(case.outcomes) {
            let is = ours::compute(case.operation, case.operands, rm);
            assert_eq!(is, expected, "{} {:x?} {rm:?}", case.operation.name(), case.operands);
        }
        *seen.entry(case.operation).or_default() += 1;
    }
    for operation in Operation::all() {
        let cases = seen.get(&operation).copied().unwrap_or(0);
        assert!(cases >= 400, "{}: only {cases} cases", operation.name());
    }
}

/// What is above the format must not matter.
#[test]
fn upper_bits_are_ignored() {
    let dirty = |v: u64| v | 0xdead_beef_0000_0000;
    let (a, b) = (0x3f80_0001, 0xbf80_0000);
    for rm in Round::ALL {
        assert_eq!(softfp::add(softfp::F32, a, b, rm), softfp::add(softfp::F32, dirty(a), dirty(b), rm));
        assert_eq!(softfp::sqrt(softfp::F32, a, rm), softfp::sqrt(softfp::F32, dirty(a), rm));
        assert_eq!(
            softfp::to_int(softfp::F32, b, softfp::Int::I64, rm),
            softfp::to_int(softfp::F32, dirty(b), softfp::Int::I64, rm)
        );
    }
    assert_eq!(softfp::min(softfp::F32, dirty(a), dirty(b)), (b, 0));
    assert_eq!(softfp::max(softfp::F32, dirty(a), dirty(b)), (a, 0));
    assert_eq!(softfp::le(softfp::F32, dirty(b), dirty(a)), (true, 0));
}
