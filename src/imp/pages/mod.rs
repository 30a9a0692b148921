//! The administration pages.
mod html;
