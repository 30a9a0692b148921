//! Where a lab lives: a block of loopback addresses of its own, so that several labs run side by side.
//!
//! Linux answers on all of 127.0.0.0/8. The first /24s are left alone (resolvers sit there); a block is one or more
//! consecutive /24s from 127.64.0.0 on. Each /24 is claimed by a UDP socket bound to its first address: the kernel
//! lets no second lab bind it, and gives it back when the process ends in whatever way.

use std::io;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use super::LabError;

/// The port whose UDP side claims a /24; the nodes use its TCP side.
const CLAIM_PORT: u16 = 8443;
/// 127.64.0.0 to 127.127.255.0, counted in /24s.
const FIRST: u32 = 64 << 8;
const COUNT: u32 = 64 << 8;
/// The first address is the lab's own; the last one, a broadcast address by habit, stays free.
const HOSTS: usize = 253;

/// A claimed block of loopback addresses; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Block {
    first: u32,
    claims: Vec<UdpSocket>,
}

impl Block {
    /// Claims a block with room for so many nodes.
    pub(super) fn claim(nodes: usize) -> Result<Block, LabError> {
        let size = nodes.div_ceil(HOSTS).max(1);
        // Labs that start at the same time begin to look in different places.
        let start = std::process::id().wrapping_mul(0x9e37_79b1) % COUNT;
        for offset in 0..COUNT {
            let first = (start + offset) % COUNT;
            if u64::from(first) + size as u64 > u64::from(COUNT) {
                continue;
            }
            let claims: io::Result<Vec<UdpSocket>> =
                (FIRST + first..).take(size).map(|net| UdpSocket::bind((address(net, 1), CLAIM_PORT))).collect();
            match claims {
                Ok(claims) => return Ok(Block { first: FIRST + first, claims }),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(LabError::bind((address(FIRST + first, 1), CLAIM_PORT), error)),
            }
        }
        Err(LabError::NoBlock)
    }

    /// The lab's own address: DNS, proxy and control sit there.
    pub(super) fn own(&self) -> IpAddr {
        IpAddr::V4(address(self.first, 1))
    }

    /// The address of the n-th node.
    pub(super) fn node(&self, n: usize) -> Option<IpAddr> {
        let net = self.first + u32::try_from(n / HOSTS).ok()?;
        let host = u32::try_from(n % HOSTS).ok()? + 2;
        (n / HOSTS < self.claims.len()).then(|| IpAddr::V4(address(net, host)))
    }
}

fn address(net: u32, host: u32) -> Ipv4Addr {
    Ipv4Addr::from(0x7f00_0000 | (net << 8) | host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn two_blocks_share_no_address() {
        let a = Block::claim(210).unwrap();
        let b = Block::claim(600).unwrap();
        let all = |block: &Block, n: usize| (0..n).map(|i| block.node(i).unwrap()).collect::<BTreeSet<_>>();
        let (of_a, of_b) = (all(&a, 210), all(&b, 600));
        assert_eq!((of_a.len(), of_b.len()), (210, 600));
        assert!(of_a.is_disjoint(&of_b));
        assert!(!of_a.contains(&a.own()) && !of_b.contains(&b.own()));
        assert!(of_a.iter().chain(&of_b).all(IpAddr::is_loopback));
        assert_eq!(a.node(254), None, "a node beyond the claim has no address");
    }

    #[test]
    fn a_dropped_block_can_be_claimed_again() {
        let a = Block::claim(1).unwrap();
        let own = a.own();
        assert!(UdpSocket::bind((own, CLAIM_PORT)).is_err());
        drop(a);
        assert!(UdpSocket::bind((own, CLAIM_PORT)).is_ok());
    }
}
