//! Rounds: links that can be worked on at the same time without two of them touching the same cluster.
//!
//! A round is a matching, so the rounds are an edge colouring. A full mesh of n clusters needs n-1 rounds for n
//! even and n for n odd, and the circle method reaches that. Any other mesh gets at most one round more than its
//! largest number of links on one cluster (Vizing's theorem; Misra and Gries, 1992).

use std::collections::{BTreeMap, BTreeSet};

use crate::mesh::ClusterName;
use crate::mesh::topology::Pair;

/// The rounds for these links, each in the order of its pairs.
pub fn rounds(links: &BTreeSet<Pair>) -> Vec<Vec<Pair>> {
    let names: Vec<&ClusterName> =
        links.iter().flat_map(|p| [p.a(), p.b()]).collect::<BTreeSet<_>>().into_iter().collect();
    let full = links.len() == names.len() * names.len().saturating_sub(1) / 2;
    let mut rounds = if full { circle(&names) } else { misra_gries(&names, links) };
    rounds.retain(|round| !round.is_empty());
    for round in &mut rounds {
        round.sort();
    }
    rounds
}

/// Round-robin by the circle method: one cluster stays, the others turn around it; an odd one out pauses.
fn circle(names: &[&ClusterName]) -> Vec<Vec<Pair>> {
    let mut seats: Vec<Option<&ClusterName>> = names.iter().copied().map(Some).collect();
    if seats.len() % 2 == 1 {
        seats.push(None);
    }
    let n = seats.len();
    let mut rounds = Vec::new();
    for _ in 1..n {
        rounds.push((0..n / 2).filter_map(|i| Some(Pair::new(seats[i]?, seats[n - 1 - i]?))).collect());
        seats[1..].rotate_right(1);
    }
    rounds
}

/// An edge colouring in progress: for each cluster, the neighbour that each colour leads to.
struct Colouring {
    /// One more than the largest degree: by Vizing's theorem enough.
    colours: usize,
    at: Vec<BTreeMap<usize, usize>>,
}

impl Colouring {
    fn free(&self, v: usize) -> usize {
        // a cluster has at most `colours - 1` links, so one colour is always free
        (0..self.colours).find(|c| !self.at[v].contains_key(c)).unwrap_or(self.colours)
    }

    fn is_free(&self, v: usize, colour: usize) -> bool {
        !self.at[v].contains_key(&colour)
    }

    fn colour_of(&self, u: usize, v: usize) -> Option<usize> {
        self.at[u].iter().find(|(_, w)| **w == v).map(|(c, _)| *c)
    }

    fn set(&mut self, u: usize, v: usize, colour: usize) {
        self.at[u].insert(colour, v);
        self.at[v].insert(colour, u);
    }

    fn clear(&mut self, u: usize, v: usize) {
        if let Some(colour) = self.colour_of(u, v) {
            self.at[u].remove(&colour);
            self.at[v].remove(&colour);
        }
    }

    /// A maximal fan of `u` that begins with `v`: each next neighbour's link has a colour that is free at the one
    /// before.
    fn fan(&self, u: usize, v: usize) -> Vec<usize> {
        let mut fan = vec![v];
        loop {
            let last = fan[fan.len() - 1];
            let next = self.at[u].iter().find(|(c, w)| self.is_free(last, **c) && !fan.contains(w)).map(|(_, w)| *w);
            match next {
                Some(w) => fan.push(w),
                None => return fan,
            }
        }
    }

    /// Swaps colours `c` and `d` along the path from `u` that begins with `d`.
    fn invert(&mut self, u: usize, c: usize, d: usize) {
        let mut path = vec![u];
        let mut colour = d;
        while let Some(&next) = self.at[path[path.len() - 1]].get(&colour) {
            path.push(next);
            colour = if colour == d { c } else { d };
        }
        let edges: Vec<(usize, usize, usize)> =
            path.windows(2).enumerate().map(|(i, w)| (w[0], w[1], if i % 2 == 0 { c } else { d })).collect();
        for &(a, b, _) in &edges {
            self.clear(a, b);
        }
        for &(a, b, swapped) in &edges {
            self.set(a, b, swapped);
        }
    }

    fn colour_edge(&mut self, u: usize, v: usize) {
        let fan = self.fan(u, v);
        let c = self.free(u);
        let d = self.free(fan[fan.len() - 1]);
        if c != d {
            self.invert(u, c, d);
        }
        // the shortest prefix that is still a fan and whose last neighbour has `d` free
        let mut prefix = 0;
        for (i, &w) in fan.iter().enumerate() {
            let still = i == 0 || self.colour_of(u, w).is_some_and(|colour| self.is_free(fan[i - 1], colour));
            if !still {
                break;
            }
            if self.is_free(w, d) {
                prefix = i;
                break;
            }
        }
        let shifted: Vec<Option<usize>> = fan[1..=prefix].iter().map(|w| self.colour_of(u, *w)).collect();
        for w in &fan[1..=prefix] {
            self.clear(u, *w);
        }
        for (w, colour) in fan.iter().zip(shifted) {
            if let Some(colour) = colour {
                self.set(u, *w, colour);
            }
        }
        self.set(u, fan[prefix], d);
    }
}

fn misra_gries(names: &[&ClusterName], links: &BTreeSet<Pair>) -> Vec<Vec<Pair>> {
    let index: BTreeMap<&ClusterName, usize> = names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    let mut degrees = vec![0; names.len()];
    for pair in links {
        degrees[index[pair.a()]] += 1;
        degrees[index[pair.b()]] += 1;
    }
    let degree = degrees.into_iter().max().unwrap_or(0);
    let mut colouring = Colouring { colours: degree + 1, at: vec![BTreeMap::new(); names.len()] };
    for pair in links {
        colouring.colour_edge(index[pair.a()], index[pair.b()]);
    }
    let mut rounds = vec![Vec::new(); colouring.colours + 1];
    for pair in links {
        if let Some(colour) = colouring.colour_of(index[pair.a()], index[pair.b()]) {
            rounds[colour].push(pair.clone());
        }
    }
    rounds
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(i: usize) -> ClusterName {
        format!("c{i:02}").into()
    }

    fn full(n: usize) -> BTreeSet<Pair> {
        (0..n).flat_map(|a| (a + 1..n).map(move |b| Pair::new(&name(a), &name(b)))).collect()
    }

    fn check(links: &BTreeSet<Pair>) -> usize {
        let rounds = rounds(links);
        let all: Vec<&Pair> = rounds.iter().flatten().collect();
        assert_eq!(all.len(), links.len(), "every link once");
        assert_eq!(&all.into_iter().cloned().collect::<BTreeSet<_>>(), links);
        for round in &rounds {
            let touched: Vec<&ClusterName> = round.iter().flat_map(|p| [p.a(), p.b()]).collect();
            assert_eq!(touched.iter().collect::<BTreeSet<_>>().len(), touched.len(), "no cluster twice in {round:?}");
        }
        rounds.len()
    }

    /// The chromatic index of the complete graph: n-1 for n even, n for n odd.
    #[test]
    fn full_meshes_take_the_fewest_rounds() {
        for n in 2..=30 {
            assert_eq!(check(&full(n)), if n % 2 == 0 { n - 1 } else { n }, "{n} clusters");
        }
    }

    #[test]
    fn a_star_takes_one_round_a_link() {
        let star: BTreeSet<Pair> = (1..9).map(|i| Pair::new(&name(0), &name(i))).collect();
        assert!(check(&star) <= 9);
        assert_eq!(rounds(&BTreeSet::new()).len(), 0);
    }

    proptest! {
        /// Vizing's theorem: at most one round more than the largest degree.
        #[test]
        fn any_mesh_takes_at_most_one_round_more_than_its_degree(n in 2usize..16, bits in any::<u128>()) {
            let links: BTreeSet<Pair> =
                full(n).into_iter().enumerate().filter(|(i, _)| bits >> (i % 128) & 1 == 1).map(|(_, p)| p).collect();
            let degree = (0..n).map(|i| links.iter().filter(|p| p.has(&name(i))).count()).max().unwrap_or(0);
            prop_assert!(check(&links) <= degree + 1);
        }
    }
}
