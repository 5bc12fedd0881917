//! stub
#[derive(Debug)]
pub struct Clearance(());
