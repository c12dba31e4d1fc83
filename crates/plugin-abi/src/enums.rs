//! Enumerations: all are an `int` in C.

/// One value of an enumeration, as C knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// C's name of the enumeration, without `enum`.
    pub of: &'static str,
    pub name: &'static str,
    pub value: i32,
    /// The version that it came with.
    pub since: i32,
    pub meaning: &'static str,
}

macro_rules! c_enum {
    ($(#[$doc:meta])* $rust:ident: $c:literal {
        $($(#[doc = $meaning:literal])* $name:ident = $value:literal, $c_name:literal, $since:literal;)*
    }) => {
        $(#[$doc])*
        #[repr(i32)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $rust {
            $($(#[doc = $meaning])* $name = $value,)*
        }

        impl $rust {
            /// Every value, in order.
            pub const VALUES: &'static [Value] = &[$(
                Value { of: $c, name: $c_name, value: $value, since: $since, meaning: concat!($($meaning),*) },
            )*];

            /// The value that a plugin gave; `None` if there is no such one.
            pub fn from_raw(raw: i32) -> Option<$rust> {
                match raw {
                    $($value => Some($rust::$name),)*
                    _ => None,
                }
            }
        }
    };
}

c_enum! {
    /// What a callback does with registers: `enum qemu_plugin_cb_flags`.
    CbFlags: "qemu_plugin_cb_flags" {
        /// reads no register
        NoRegs = 0, "QEMU_PLUGIN_CB_NO_REGS", 2;
        /// reads registers
        RRegs = 1, "QEMU_PLUGIN_CB_R_REGS", 2;
        /// reads and writes registers
        RwRegs = 2, "QEMU_PLUGIN_CB_RW_REGS", 2;
        /// reads and writes registers, and may set the program counter
        RwRegsPc = 3, "QEMU_PLUGIN_CB_RW_REGS_PC", 6;
    }
}

c_enum! {
    /// Which accesses a registration is for, a set of bits: `enum qemu_plugin_mem_rw`.
    MemRw: "qemu_plugin_mem_rw" {
        /// loads
        R = 1, "QEMU_PLUGIN_MEM_R", 2;
        /// stores
        W = 2, "QEMU_PLUGIN_MEM_W", 2;
        /// both
        Rw = 3, "QEMU_PLUGIN_MEM_RW", 2;
    }
}

c_enum! {
    /// How wide the value of an access is: `enum qemu_plugin_mem_value_type`.
    MemValueType: "qemu_plugin_mem_value_type" {
        /// 1 byte
        U8 = 0, "QEMU_PLUGIN_MEM_VALUE_U8", 4;
        /// 2 bytes
        U16 = 1, "QEMU_PLUGIN_MEM_VALUE_U16", 4;
        /// 4 bytes
        U32 = 2, "QEMU_PLUGIN_MEM_VALUE_U32", 4;
        /// 8 bytes
        U64 = 3, "QEMU_PLUGIN_MEM_VALUE_U64", 4;
        /// 16 bytes, as two halves
        U128 = 4, "QEMU_PLUGIN_MEM_VALUE_U128", 4;
    }
}

c_enum! {
    /// When a conditional callback runs, cell against immediate, both unsigned: `enum qemu_plugin_cond`.
    Cond: "qemu_plugin_cond" {
        /// never: nothing is registered
        Never = 0, "QEMU_PLUGIN_COND_NEVER", 3;
        /// always: a plain registration
        Always = 1, "QEMU_PLUGIN_COND_ALWAYS", 3;
        /// cell == imm
        Eq = 2, "QEMU_PLUGIN_COND_EQ", 3;
        /// cell != imm
        Ne = 3, "QEMU_PLUGIN_COND_NE", 3;
        /// cell < imm
        Lt = 4, "QEMU_PLUGIN_COND_LT", 3;
        /// cell <= imm
        Le = 5, "QEMU_PLUGIN_COND_LE", 3;
        /// cell > imm
        Gt = 6, "QEMU_PLUGIN_COND_GT", 3;
        /// cell >= imm
        Ge = 7, "QEMU_PLUGIN_COND_GE", 3;
    }
}

c_enum! {
    /// What an inline operation does with a cell: `enum qemu_plugin_op`.
    InlineOp: "qemu_plugin_op" {
        /// cell += imm, wrapping, not atomic
        AddU64 = 0, "QEMU_PLUGIN_INLINE_ADD_U64", 2;
        /// cell = imm
        StoreU64 = 1, "QEMU_PLUGIN_INLINE_STORE_U64", 3;
    }
}

c_enum! {
    /// How an access by physical address went: `enum qemu_plugin_hwaddr_operation_result`.
    HwaddrResult: "qemu_plugin_hwaddr_operation_result" {
        /// done
        Ok = 0, "QEMU_PLUGIN_HWADDR_OPERATION_OK", 5;
        /// empty buffer, or there is no machine
        Error = 1, "QEMU_PLUGIN_HWADDR_OPERATION_ERROR", 5;
        /// the device said no
        DeviceError = 2, "QEMU_PLUGIN_HWADDR_OPERATION_DEVICE_ERROR", 5;
        /// no right to it
        AccessDenied = 3, "QEMU_PLUGIN_HWADDR_OPERATION_ACCESS_DENIED", 5;
        /// nothing at that address
        InvalidAddress = 4, "QEMU_PLUGIN_HWADDR_OPERATION_INVALID_ADDRESS", 5;
        /// the vCPU has no such address space
        InvalidAddressSpace = 5, "QEMU_PLUGIN_HWADDR_OPERATION_INVALID_ADDRESS_SPACE", 5;
    }
}

c_enum! {
    /// Why a vCPU went elsewhere than its program says, a set of bits: `enum qemu_plugin_discon_type`.
    Discon: "qemu_plugin_discon_type" {
        /// an interrupt
        Interrupt = 1, "QEMU_PLUGIN_DISCON_INTERRUPT", 5;
        /// an exception
        Exception = 2, "QEMU_PLUGIN_DISCON_EXCEPTION", 5;
        /// a call served by the host, such as semihosting
        Hostcall = 4, "QEMU_PLUGIN_DISCON_HOSTCALL", 5;
        /// all of them
        All = -1, "QEMU_PLUGIN_DISCON_ALL", 5;
    }
}

impl MemRw {
    /// Whether loads are meant.
    pub fn reads(self) -> bool {
        self as i32 & 1 != 0
    }

    /// Whether stores are meant.
    pub fn writes(self) -> bool {
        self as i32 & 2 != 0
    }
}

impl Cond {
    /// Whether the condition holds. [`Cond::Never`] never does.
    pub fn holds(self, cell: u64, imm: u64) -> bool {
        match self {
            Cond::Never => false,
            Cond::Always => true,
            Cond::Eq => cell == imm,
            Cond::Ne => cell != imm,
            Cond::Lt => cell < imm,
            Cond::Le => cell <= imm,
            Cond::Gt => cell > imm,
            Cond::Ge => cell >= imm,
        }
    }
}

/// Every enumeration's values.
pub fn enums() -> [&'static [Value]; 7] {
    [
        CbFlags::VALUES,
        MemRw::VALUES,
        MemValueType::VALUES,
        Cond::VALUES,
        InlineOp::VALUES,
        HwaddrResult::VALUES,
        Discon::VALUES,
    ]
}
