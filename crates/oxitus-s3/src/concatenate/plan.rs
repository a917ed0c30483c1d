//! [`Plan`]: which bytes of which source make which part of a final upload's object.
//!
//! A store copies parts by itself, but it takes none that is too small, the last one excepted, and of
//! a small source none but the whole. So a source that is large enough is copied, and a small one
//! borrows from those behind it until there is enough for a part; such a part is gathered here. Nothing else is ever downloaded: of all the
//! sources that are large enough, only those right behind a small one lend some bytes.

use std::ops::Range;

use crate::part_size::NUMBERS;

const GIB: u64 = 1 << 30;

/// How many bytes are copied at once, where that does not make more parts than there may be: a copy
/// of more takes minutes, in which nothing is to be heard of it.
const COPY: u64 = GIB;

/// How many bytes a store copies at once at most.
const LARGEST_COPY: u64 = 5 * GIB;

/// What the store wants of parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How many bytes each part has at least, but for the last.
    pub(super) smallest: u64,
    /// How many bytes each part has, but for the last, where they must all be alike.
    pub(super) exact: Option<u64>,
}

/// How the bytes of the sources come together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// There are not enough for more than one part.
    Small(Vec<Piece>),
    /// Part after part.
    Parts(Vec<PlannedPart>),
}

/// A part of the object to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PlannedPart {
    /// By the store itself.
    Copied(Piece),
    /// By downloading what belongs to it.
    Gathered(Vec<Piece>),
}

/// Bytes of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Which one, counted from 0.
    pub(super) source: usize,
    /// Never empty.
    pub(super) range: Range<u64>,
}

impl Plan {
    /// How to join sources of these sizes; `None` where there is no way.
    pub(super) fn of(sizes: &[u64], limits: Limits) -> Option<Self> {
        let total = sizes
            .iter()
            .try_fold(0, |sum: u64, size| sum.checked_add(*size))?;
        if total <= limits.smallest {
            return Some(Self::Small(pieces(sizes).collect()));
        }
        let parts = match limits.exact {
            Some(exact) => fits(total, exact).then(|| cut(sizes, exact, limits.smallest)),
            None => [COPY, LARGEST_COPY]
                .into_iter()
                .filter(|copy| fits(total, *copy))
                .map(|copy| Planner::new(sizes, limits.smallest, copy).plan())
                .find(|parts| parts.len() <= usize::from(NUMBERS)),
        }?;
        Some(match <[_; 1]>::try_from(parts) {
            Ok([PlannedPart::Gathered(pieces)]) => Self::Small(pieces),
            Ok(part) => Self::Parts(part.into()),
            Err(parts) => Self::Parts(parts),
        })
    }
}

impl PlannedPart {
    /// `smallest` bytes are too few for a source of which some are to be copied.
    fn of(pieces: Vec<Piece>, sizes: &[u64], smallest: u64) -> Self {
        match pieces.as_slice() {
            [piece] if piece.can_be_copied(sizes, smallest) => Self::Copied(piece.clone()),
            _ => Self::Gathered(pieces),
        }
    }
}

impl Piece {
    /// In bytes.
    pub(super) fn size(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Whether it is the whole source, or that is large enough.
    fn can_be_copied(&self, sizes: &[u64], smallest: u64) -> bool {
        let source = sizes.get(self.source);
        source.is_some_and(|size| self.size() == *size || *size > smallest)
    }
}

/// Whether parts of this size are not more than there may be.
fn fits(total: u64, part: u64) -> bool {
    total.div_ceil(part) <= NUMBERS.into()
}

/// Every source that has bytes, as a whole.
fn pieces(sizes: &[u64]) -> impl Iterator<Item = Piece> {
    sizes
        .iter()
        .enumerate()
        .filter(|(_, size)| **size > 0)
        .map(|(source, size)| Piece {
            source,
            range: 0..*size,
        })
}

/// Parts of one size.
fn cut(sizes: &[u64], part_size: u64, smallest: u64) -> Vec<PlannedPart> {
    let mut parts = Vec::new();
    let mut gathered = Vec::new();
    let mut room = part_size;
    for Piece { source, range } in pieces(sizes) {
        let mut start = range.start;
        while start < range.end {
            let end = range.end.min(start.saturating_add(room));
            gathered.push(Piece {
                source,
                range: start..end,
            });
            room -= end - start;
            start = end;
            if room == 0 {
                let pieces = std::mem::take(&mut gathered);
                parts.push(PlannedPart::of(pieces, sizes, smallest));
                room = part_size;
            }
        }
    }
    if !gathered.is_empty() {
        parts.push(PlannedPart::of(gathered, sizes, smallest));
    }
    parts
}

/// Plans parts of different sizes.
struct Planner<'s> {
    sizes: &'s [u64],
    smallest: u64,
    copy: u64,
    parts: Vec<PlannedPart>,
    /// Not enough for a part yet.
    gathered: Vec<Piece>,
    gathered_size: u64,
}

impl<'s> Planner<'s> {
    fn new(sizes: &'s [u64], smallest: u64, copy: u64) -> Self {
        Self {
            sizes,
            smallest,
            copy,
            parts: Vec::new(),
            gathered: Vec::new(),
            gathered_size: 0,
        }
    }

    fn plan(mut self) -> Vec<PlannedPart> {
        let last = self.sizes.iter().rposition(|size| *size > 0);
        for piece in pieces(self.sizes) {
            let is_last = Some(piece.source) == last;
            let rest = self.borrow(piece, is_last);
            let is_large = rest.size() >= self.smallest || (is_last && rest.size() > 0);
            if is_large && rest.can_be_copied(self.sizes, self.smallest) {
                self.copy(&rest);
            } else {
                self.gather(rest);
            }
        }
        self.close();
        self.parts
    }

    /// Takes from a source what the small ones before it lack, and gives the rest back. If that is
    /// too small for a part, everything is taken: else each source would have to borrow from the
    /// next, on and on.
    fn borrow(&mut self, Piece { source, range }: Piece, is_last: bool) -> Piece {
        let lacking = match self.gathered_size {
            0 => 0,
            gathered => self.smallest - gathered,
        };
        let rest = range.end.saturating_sub(lacking);
        let is_scrap = !is_last && rest < self.smallest;
        let end = match (lacking, is_scrap) {
            (0, _) => 0,
            (_, true) => range.end,
            (_, false) => lacking.min(range.end),
        };
        self.gather(Piece {
            source,
            range: 0..end,
        });
        Piece {
            source,
            range: end..range.end,
        }
    }

    fn gather(&mut self, piece: Piece) {
        if piece.range.is_empty() {
            return;
        }
        self.gathered_size += piece.size();
        self.gathered.push(piece);
        if self.gathered_size >= self.smallest {
            self.close();
        }
    }

    /// Makes a part of what is gathered.
    fn close(&mut self) {
        if !self.gathered.is_empty() {
            let pieces = std::mem::take(&mut self.gathered);
            let part = PlannedPart::of(pieces, self.sizes, self.smallest);
            self.parts.push(part);
            self.gathered_size = 0;
        }
    }

    /// Copies bytes, in several parts of about the same size if they are too many for one.
    fn copy(&mut self, Piece { source, range }: &Piece) {
        let size = range.end - range.start;
        let count = size.div_ceil(self.copy);
        let mut start = range.start;
        for number in 0..count {
            let end = start + size / count + u64::from(number < size % count);
            self.parts.push(PlannedPart::Copied(Piece {
                source: *source,
                range: start..end,
            }));
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const MIB: u64 = 1 << 20;

    const USUAL: Limits = Limits {
        smallest: 5 * MIB,
        exact: None,
    };

    fn copied(source: usize, range: Range<u64>) -> PlannedPart {
        PlannedPart::Copied(Piece { source, range })
    }

    fn gathered(pieces: &[(usize, Range<u64>)]) -> PlannedPart {
        let piece = |(source, range): &(usize, Range<u64>)| Piece {
            source: *source,
            range: range.clone(),
        };
        PlannedPart::Gathered(pieces.iter().map(piece).collect())
    }

    fn plan(sizes: &[u64], limits: Limits) -> Vec<PlannedPart> {
        match Plan::of(sizes, limits) {
            Some(Plan::Parts(parts)) => parts,
            plan => panic!("should have parts: {plan:?}"),
        }
    }

    #[test]
    fn large_sources_are_copied_whole() {
        let sizes = [5 * MIB, 0, 6 * MIB, 7 * MIB, 1, 0];
        let expected = [
            copied(0, 0..5 * MIB),
            copied(2, 0..6 * MIB),
            copied(3, 0..7 * MIB),
            copied(4, 0..1),
        ];
        assert_eq!(plan(&sizes, USUAL), expected);
    }

    #[test]
    fn small_sources_borrow_from_the_next() {
        let sizes = [MIB, 20 * MIB, 20 * MIB];
        let expected = [
            gathered(&[(0, 0..MIB), (1, 0..4 * MIB)]),
            copied(1, 4 * MIB..20 * MIB),
            copied(2, 0..20 * MIB),
        ];
        assert_eq!(plan(&sizes, USUAL), expected);
    }

    #[test]
    fn nobody_borrows_again_and_again() {
        let sizes = [MIB, 6 * MIB, 6 * MIB, 6 * MIB];
        let expected = [
            gathered(&[(0, 0..MIB), (1, 0..6 * MIB)]),
            copied(2, 0..6 * MIB),
            copied(3, 0..6 * MIB),
        ];
        assert_eq!(plan(&sizes, USUAL), expected);
    }

    #[test]
    fn the_last_part_may_be_small() {
        let sizes = [8 * MIB, MIB, 6 * MIB];
        let expected = [
            copied(0, 0..8 * MIB),
            gathered(&[(1, 0..MIB), (2, 0..4 * MIB)]),
            copied(2, 4 * MIB..6 * MIB),
        ];
        assert_eq!(plan(&sizes, USUAL), expected);
        let sizes = [8 * MIB, MIB, MIB];
        let expected = [copied(0, 0..8 * MIB), gathered(&[(1, 0..MIB), (2, 0..MIB)])];
        assert_eq!(plan(&sizes, USUAL), expected);
    }

    #[test]
    fn of_small_sources_no_ranges_are_copied() {
        let sizes = [8 * MIB, MIB, 5 * MIB];
        let expected = [
            copied(0, 0..8 * MIB),
            gathered(&[(1, 0..MIB), (2, 0..4 * MIB)]),
            gathered(&[(2, 4 * MIB..5 * MIB)]),
        ];
        assert_eq!(plan(&sizes, USUAL), expected);
        let alike = Limits {
            exact: Some(8 * MIB),
            ..USUAL
        };
        let sizes = [7 * MIB, 3 * MIB];
        let expected = [
            gathered(&[(0, 0..7 * MIB), (1, 0..MIB)]),
            gathered(&[(1, MIB..3 * MIB)]),
        ];
        assert_eq!(plan(&sizes, alike), expected);
    }

    #[test]
    fn what_fits_into_one_part_is_small() {
        let whole = |source, size| Piece {
            source,
            range: 0..size,
        };
        assert_eq!(Plan::of(&[], USUAL), Some(Plan::Small(Vec::new())));
        assert_eq!(Plan::of(&[0; 9], USUAL), Some(Plan::Small(Vec::new())));
        let small = Plan::Small(vec![whole(0, MIB), whole(2, 4 * MIB)]);
        assert_eq!(Plan::of(&[MIB, 0, 4 * MIB], USUAL), Some(small));
        let alike = Limits {
            exact: Some(16 * MIB),
            ..USUAL
        };
        let small = Plan::Small(vec![whole(0, 7 * MIB), whole(1, 9 * MIB)]);
        assert_eq!(Plan::of(&[7 * MIB, 9 * MIB], alike), Some(small));
    }

    #[test]
    fn larger_copies_are_made_where_there_would_be_too_many() {
        assert_eq!(plan(&[9_999 * GIB, GIB], USUAL).len(), 10_000);
        assert_eq!(plan(&[10_000 * GIB, GIB], USUAL).len(), 2_001);
        assert_eq!(plan(&[50_000 * GIB], USUAL).len(), 10_000);
        for too_much in [&[50_000 * GIB + 1][..], &[u64::MAX], &[u64::MAX, 1]] {
            assert_eq!(Plan::of(too_much, USUAL), None);
        }
        let one_too_many = [&[5 * MIB; 9_999][..], &[6 * GIB]].concat();
        assert_eq!(Plan::of(&one_too_many, USUAL), None);
    }

    /// Sizes around the limits, most of them small.
    fn sizes() -> impl Strategy<Value = Vec<u64>> {
        let size = prop_oneof![
            2 => Just(0),
            4 => 1..100_u64,
            4 => 95..105_u64,
            3 => 100..300_u64,
            1 => 300..5_000_u64,
        ];
        vec(size, 0..60)
    }

    /// Each byte of the sources, by its source and its place there, is a part's, in order.
    fn is_complete(sizes: &[u64], plan: &Plan) -> bool {
        let planned: Vec<_> = match plan {
            Plan::Small(pieces) => pieces.clone(),
            Plan::Parts(parts) => parts.iter().flat_map(pieces_of).collect(),
        };
        let planned = planned
            .iter()
            .flat_map(|piece| piece.range.clone().map(|byte| (piece.source, byte)));
        let expected = (0..).zip(sizes).flat_map(|(source, size)| {
            let bytes = 0..*size;
            bytes.map(move |byte| (source, byte))
        });
        planned.eq(expected)
    }

    fn pieces_of(part: &PlannedPart) -> Vec<Piece> {
        match part {
            PlannedPart::Copied(piece) => vec![piece.clone()],
            PlannedPart::Gathered(pieces) => pieces.clone(),
        }
    }

    fn size_of(part: &PlannedPart) -> u64 {
        pieces_of(part).iter().map(Piece::size).sum()
    }

    /// Where a part is copied, it is from a large source, or the whole of one.
    fn no_range_of_small(part: &PlannedPart, sizes: &[u64]) -> bool {
        match part {
            PlannedPart::Copied(piece) => {
                let size = sizes[piece.source];
                size > 100 || piece.range == (0..size)
            }
            PlannedPart::Gathered(_) => true,
        }
    }

    proptest! {
        #[test]
        fn every_byte_comes_once_and_no_part_is_too_small(sizes in sizes()) {
            let limits = Limits { smallest: 100, exact: None };
            let plan = Plan::of(&sizes, limits).unwrap();
            prop_assert!(is_complete(&sizes, &plan));
            let parts = match plan {
                Plan::Small(pieces) => {
                    prop_assert!(pieces.iter().map(Piece::size).sum::<u64>() <= 100);
                    return Ok(());
                }
                Plan::Parts(parts) => parts,
            };
            prop_assert!(parts.iter().all(|part| no_range_of_small(part, &sizes)));
            prop_assert!(parts.len() > 1 || matches!(parts[0], PlannedPart::Copied(_)));
            let (_, others) = parts.split_last().unwrap();
            prop_assert!(others.iter().all(|part| size_of(part) >= 100));
            for part in &parts {
                if let PlannedPart::Gathered(pieces) = part {
                    // No more is downloaded than small sources make needed.
                    prop_assert!(size_of(part) < 200);
                    let large = pieces.iter().filter(|piece| sizes[piece.source] >= 100);
                    prop_assert!(large.count() <= 1);
                    prop_assert!(sizes[pieces[0].source] <= 100);
                }
            }
        }

        #[test]
        fn copies_are_neither_too_large_nor_too_small(size in 1..49_999 * GIB) {
            for part in plan(&[size, 5 * MIB + 1], USUAL) {
                let largest = if size <= 9_999 * GIB { COPY } else { LARGEST_COPY };
                prop_assert!(size_of(&part) <= largest);
                prop_assert!(size < 5 * MIB || size_of(&part) >= (5 * MIB).min(size));
            }
        }

        #[test]
        fn equal_parts_are_equal(sizes in sizes(), exact in 100..400_u64) {
            let limits = Limits { smallest: 100, exact: Some(exact) };
            let plan = Plan::of(&sizes, limits).unwrap();
            prop_assert!(is_complete(&sizes, &plan));
            if let Plan::Parts(parts) = plan {
                prop_assert!(parts.iter().all(|part| no_range_of_small(part, &sizes)));
                let (last, others) = parts.split_last().unwrap();
                prop_assert!(others.iter().all(|part| size_of(part) == exact));
                prop_assert!((1..=exact).contains(&size_of(last)));
            }
        }
    }
}
