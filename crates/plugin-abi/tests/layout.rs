//! Sizes and offsets of what crosses the interface, and the numbers of the enumerations.

use plugin_abi::*;
use std::mem::{offset_of, size_of};

#[test]
fn info_has_its_layout() {
    assert_eq!(size_of::<QemuInfo>(), 32);
    assert_eq!(offset_of!(QemuInfo, target_name), 0);
    assert_eq!(offset_of!(QemuInfo, version), 8);
    assert_eq!(offset_of!(QemuInfo, version.cur), 12);
    assert_eq!(offset_of!(QemuInfo, system_emulation), 16);
    assert_eq!(offset_of!(QemuInfo, system.smp_vcpus), 20);
    assert_eq!(offset_of!(QemuInfo, system.max_vcpus), 24);
}

#[test]
fn values_and_counters_have_their_layout() {
    assert_eq!((size_of::<U64>(), offset_of!(U64, score), offset_of!(U64, offset)), (16, 0, 8));
    assert_eq!(size_of::<MemValue>(), 24);
    assert_eq!((offset_of!(MemValue, kind), offset_of!(MemValue, low), offset_of!(MemValue, high)), (0, 8, 16));
}

#[test]
fn descriptors_have_their_strides() {
    assert_eq!((size_of::<RegDescriptor>(), size_of::<RegDescriptorV6>()), (24, 32));
    assert_eq!((offset_of!(RegDescriptor, name), offset_of!(RegDescriptor, feature)), (8, 16));
    assert_eq!((offset_of!(RegDescriptorV6, name), offset_of!(RegDescriptorV6, feature)), (8, 16));
    assert_eq!(offset_of!(RegDescriptorV6, is_readonly), 24);
}

#[test]
fn arrays_have_their_heads() {
    assert_eq!((offset_of!(GArray, data), offset_of!(GArray, len)), (0, 8));
    assert_eq!((offset_of!(GByteArray, data), offset_of!(GByteArray, len)), (0, 8));
}

#[test]
fn a_callback_is_a_word_and_null_is_none() {
    assert_eq!(size_of::<Option<SyscallFilterCb>>(), 8);
    assert_eq!(size_of::<Option<MemCb>>(), 8);
}

#[test]
fn enumerations_are_ints_and_refuse_other_values() {
    assert_eq!(size_of::<Cond>(), 4);
    assert_eq!(CbFlags::from_raw(3), Some(CbFlags::RwRegsPc));
    assert_eq!(CbFlags::from_raw(4), None);
    assert_eq!(MemRw::from_raw(0), None);
    assert_eq!(Discon::from_raw(-1), Some(Discon::All));
    assert!(MemRw::Rw.reads() && MemRw::Rw.writes() && !MemRw::R.writes());
}

#[test]
fn conditions_compare_unsigned() {
    let large = u64::MAX;
    assert!(Cond::Gt.holds(large, 1) && Cond::Ge.holds(1, 1) && !Cond::Lt.holds(large, 1) && Cond::Le.holds(1, 1));
    assert!(Cond::Always.holds(0, 1) && !Cond::Never.holds(0, 0) && Cond::Eq.holds(7, 7) && Cond::Ne.holds(7, 8));
}

#[test]
fn values_are_cut_to_their_size() {
    assert_eq!(MemValue::new(0, 0x1ff, 9), MemValue { kind: 0, low: 0xff, high: 0 });
    assert_eq!(MemValue::new(2, u64::MAX, 9), MemValue { kind: 2, low: 0xffff_ffff, high: 0 });
    assert_eq!(MemValue::new(3, u64::MAX, 9), MemValue { kind: 3, low: u64::MAX, high: 0 });
    assert_eq!(MemValue::new(4, 1, 9), MemValue { kind: 4, low: 1, high: 9 });
}
