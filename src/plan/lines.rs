//! Where the mesh file says something.

/// Finds the line of a JSON pointer of the mesh file.
#[derive(Clone, Copy)]
pub struct Lines<'a>(&'a dyn Fn(&str) -> Option<usize>);

impl<'a> Lines<'a> {
    /// Lines found by this function, counted from 1.
    pub fn new(find: &'a dyn Fn(&str) -> Option<usize>) -> Lines<'a> {
        Lines(find)
    }

    /// The line of a pointer, or of what stands around it.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        (self.0)(pointer)
    }
}
