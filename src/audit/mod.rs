//! stub
#[derive(Debug)]
pub struct Receipt(());
