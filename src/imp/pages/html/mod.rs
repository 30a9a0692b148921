//! Pages as plain data, and what a person sees on them: labels, fields, buttons, links, tables, marks. Nothing here
//! knows a URL, a field's id or a position of the product's pages.

mod actions;
mod beside;
mod dom;
mod fields;
mod forms;
mod known;
mod labels;
mod limits;
mod marks;
mod messages;
mod sections;
mod tables;

pub(super) use actions::{Action, Clickable, clickables};
pub(super) use beside::beside;
pub(super) use dom::{At, Dom};
pub(super) use fields::{Field, Found};
#[cfg(feature = "browser")]
pub(super) use forms::Fill;
pub(super) use forms::{Filling, Submission, form_of};
pub(super) use labels::{plain, same};
pub(super) use limits::is_too_much;
pub(super) use marks::{Key, mark, without_signs};
pub(super) use messages::{Message, messages};
pub(super) use sections::{Span, heading_over, section};
pub(super) use tables::{Cell, Row, Table, tables};
