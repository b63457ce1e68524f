//! One client for each service that this one needs.
#![allow(non_snake_case)] // their names are not ours to choose: one may be a--b

pub mod notifications;
