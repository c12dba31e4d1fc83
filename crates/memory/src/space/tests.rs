//! The mapping calls against the host they act on. Each test uses addresses of its own.

use super::*;

const ANON: i32 = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
const RW: Prot = Prot { read: true, write: true, exec: false };
const RX: Prot = Prot { read: true, write: false, exec: true };

fn space(top: Addr) -> AddressSpace {
    guarded::tests::install_handler();
    let space = AddressSpace::new();
    space.set_layout(Layout { map_top: top, heap: top });
    space
}

fn anonymous(addr: Addr, len: u64, prot: Prot, extra: i32) -> MapRequest {
    MapRequest { addr, len, prot, flags: ANON | extra, fd: -1, offset: 0, role: Role::Plain }
}

#[test]
fn places_top_down_and_honours_hints() {
    let s = space(0x10_0000_0000);
    let a = s.map(&anonymous(0, 5000, RW, 0)).unwrap().value;
    assert_eq!(a, 0x10_0000_0000 - 8192);
    let b = s.map(&anonymous(0, 4096, RW, 0)).unwrap().value;
    assert_eq!(b, a - 4096);
    let c = s.map(&anonymous(0xf_0000_0123, 4096, RW, 0)).unwrap().value;
    assert_eq!(c, 0xf_0000_0000);
    let d = s.map(&anonymous(c, 4096, RW, 0)).unwrap().value;
    assert_eq!(d, b - 4096, "a taken hint is only a hint");
    guarded::write(a, b"hello").unwrap();
    s.unmap(b, 4096 + 8192).unwrap();
    assert!(guarded::write(a, b"hello").is_err());
}

#[test]
fn errors_are_those_of_linux() {
    let s = space(0x11_0000_0000);
    let at = |addr, len, extra| s.map(&anonymous(addr, len, RW, extra)).map(|c| c.value);
    assert_eq!(at(0, 0, 0), Err(EINVAL));
    assert_eq!(at(0x10_8000_0001, 4096, libc::MAP_FIXED), Err(EINVAL));
    assert_eq!(at(0, 1 << 50, libc::MAP_NORESERVE), Err(ENOMEM));
    assert_eq!(at(0, u64::MAX - 4095, 0), Err(ENOMEM));
    assert_eq!(at(GUEST_END, 4096, libc::MAP_FIXED), Err(ENOMEM));
    let a = at(0x10_8000_0000, 4096, libc::MAP_FIXED).unwrap();
    assert_eq!(at(a, 4096, libc::MAP_FIXED_NOREPLACE), Err(Errno(libc::EEXIST)));
    assert_eq!(s.unmap(a + 1, 4096), Err(EINVAL));
    assert_eq!(s.unmap(a, 0), Err(EINVAL));
    assert_eq!(s.unmap(0, GUEST_END + 4096), Err(EINVAL));
    assert_eq!(s.protect(a, 8192, libc::PROT_READ), Err(ENOMEM));
    assert!(!s.prot(a).unwrap().write, "the page before the hole did change");
    assert!(guarded::write(a, b"x").is_err());
    let mut no_type = anonymous(0, 4096, RW, 0);
    no_type.flags = libc::MAP_ANONYMOUS;
    assert_eq!(s.map(&no_type), Err(EINVAL));
}

#[test]
fn huge_ranges_go_above_the_usual_part() {
    let s = space(0x12_0000_0000);
    let a = s.map(&anonymous(0, 1 << 40, RW, libc::MAP_NORESERVE)).unwrap().value;
    assert!(a >= USUAL_END && a + (1 << 40) <= GUEST_END);
    s.unmap(a, 1 << 40).unwrap();
}

#[test]
fn fetch_stops_at_what_may_not_be_executed() {
    let s = space(0x13_0000_0000);
    let a = s.map(&anonymous(0, 3 * 4096, RW, 0)).unwrap().value;
    guarded::write(a + 4094, b"abcd").unwrap();
    let mut buf = [0u8; 8];
    assert_eq!(s.fetch(a + 4094, &mut buf), 0);
    assert!(s.protect(a, 4096, libc::PROT_READ | libc::PROT_EXEC).unwrap().code);
    assert_eq!(s.fetch(a + 4094, &mut buf), 2);
    assert!(!s.changeable(a, &Seen::default()) && s.changeable(a + 4096, &Seen::default()));
    s.protect(a + 4096, 4096, libc::PROT_EXEC).unwrap();
    assert_eq!(s.fetch(a + 4094, &mut buf), 8);
    assert_eq!(&buf[..4], b"abcd");
    assert_eq!(s.fetch(GUEST_END - 2, &mut buf), 0);
    assert_eq!(s.fetch(u64::MAX - 1, &mut buf), 0);
}

#[test]
fn fetch_past_the_end_of_a_file_is_short() {
    let s = space(0x14_0000_0000);
    let file = std::env::temp_dir().join(format!("fluoro-memory-{}", std::process::id()));
    std::fs::write(&file, [0x13u8; 16]).unwrap();
    let f = std::fs::File::open(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    use std::os::fd::AsRawFd;
    let flags = libc::MAP_PRIVATE;
    let request = MapRequest { addr: 0, len: 8192, prot: RX, flags, fd: f.as_raw_fd(), offset: 0, role: Role::Plain };
    let a = s.map(&request).unwrap().value;
    let mut buf = [1u8; 8];
    assert_eq!(s.fetch(a + 4092, &mut buf), 4, "the second page has no file behind it");
    assert_eq!(buf, [0, 0, 0, 0, 1, 1, 1, 1]);
}

#[test]
fn remap_moves_grows_and_shrinks() {
    let s = space(0x15_0000_0000);
    let wall = s.map(&anonymous(0, 4096, RW, 0)).unwrap().value;
    let a = s.map(&anonymous(0, 2 * 4096, RW, 0)).unwrap().value;
    guarded::write(a, b"here").unwrap();
    assert_eq!(s.remap(a, 8192, 3 * 4096, 0, 0), Err(ENOMEM), "the wall is in the way");
    let b = s.remap(a, 8192, 3 * 4096, libc::MREMAP_MAYMOVE, 0).unwrap().value;
    assert_ne!(a, b);
    assert_eq!(s.prot(a), None);
    assert_eq!(guarded::load::<[u8; 4]>(b), Ok(*b"here"));
    assert_eq!(s.remap(b, 3 * 4096, 4096, 0, 0).unwrap().value, b);
    assert_eq!(s.prot(b + 4096), None);
    assert_eq!(s.remap(b, 4096, 8192, 0, 0).unwrap().value, b, "grows into the room that is left");
    let fixed = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
    assert_eq!(s.remap(b, 8192, 8192, fixed, wall - 4096).unwrap().value, wall - 4096);
    assert_eq!(guarded::load::<[u8; 4]>(wall - 4096), Ok(*b"here"));
    assert_eq!(s.remap(b, 4096, 8192, libc::MREMAP_MAYMOVE, 0), Err(Errno(libc::EFAULT)));
}

#[test]
fn heap_grows_until_something_is_in_the_way() {
    let s = space(0x16_0000_0000);
    s.set_layout(Layout { map_top: 0x16_0000_0000, heap: 0x15_8000_0000 });
    let heap = 0x15_8000_0000;
    assert_eq!(s.brk(0).value, heap);
    assert_eq!(s.brk(heap + 100).value, heap + 100);
    guarded::write(heap + 4000, b"x").unwrap();
    s.map(&anonymous(heap + 8192, 4096, RW, libc::MAP_FIXED)).unwrap();
    assert_eq!(s.brk(heap + 8192).value, heap + 8192);
    assert_eq!(s.brk(heap + 8193).value, heap + 8192);
    assert_eq!(s.brk(heap).value, heap);
    assert_eq!(s.prot(heap), None);
    assert_eq!(s.brk(heap - 1).value, heap);
}

#[test]
fn limits_hold() {
    let s = space(0x17_0000_0000);
    s.set_limits(3 * 4096, u64::MAX);
    s.map(&anonymous(0, 2 * 4096, RW, 0)).unwrap();
    assert_eq!(s.map(&anonymous(0, 2 * 4096, RW, 0)), Err(ENOMEM));
    s.map(&anonymous(0, 4096, RW, 0)).unwrap();
    s.set_limits(u64::MAX, 4 * 4096);
    assert_eq!(s.map(&anonymous(0, 2 * 4096, RW, 0)), Err(ENOMEM));
    s.map(&anonymous(0, 2 * 4096, RX, 0)).unwrap();
    assert_eq!(s.brk(0x17_0000_0000 + 2 * 4096).value, 0x17_0000_0000);
    assert_eq!(s.brk(0x17_0000_0000 + 4096).value, 0x17_0000_0000 + 4096);
}

#[test]
fn what_replaces_protects_or_moves_code_says_so() {
    let s = space(0x17_0000_0000);
    let at = 0x16_8000_0000;
    let fixed = |addr, prot| s.map(&anonymous(addr, 4096, prot, libc::MAP_FIXED)).unwrap().code;
    assert!(!fixed(at, RW));
    assert!(fixed(at, RX));
    assert!(fixed(at, RW), "the code that was there is gone");
    assert!(!fixed(at, RW));
    assert!(fixed(at, RX));
    assert!(s.protect(at, 4096, libc::PROT_READ).unwrap().code, "it cannot be executed any more");
    assert!(!s.protect(at, 4096, libc::PROT_READ | libc::PROT_WRITE).unwrap().code);
    assert!(s.protect(at, 4096, libc::PROT_READ | libc::PROT_EXEC).unwrap().code);
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
    assert!(s.remap(at, 4096, 4096, flags, at + 8192).unwrap().code);
}
