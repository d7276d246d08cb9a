//! The members of `context` that have columns, as raw JSON text.
//!
//! A record without a context (before October 2013) or with one that is no object has none of them; that is no fault.

use super::json;
use super::scan::Scanner;

/// Raw JSON text of the context's members (docs/concepts/edx-files.md, "Common fields").
#[derive(Debug, Default)]
pub(super) struct Context<'a> {
    /// The whole object.
    pub(super) object: Option<&'a str>,
    /// Whether secrets have to be looked for in it.
    pub(super) may_hold_secrets: bool,
    pub(super) course_id: Option<&'a str>,
    pub(super) org_id: Option<&'a str>,
    pub(super) path: Option<&'a str>,
    pub(super) user_id: Option<&'a str>,
    pub(super) received_at: Option<&'a str>,
    /// The mode, of upgrade events.
    pub(super) mode: Option<&'a str>,
    pub(super) module_usage_key: Option<&'a str>,
    pub(super) module_display_name: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// Reads the object that comes next in a record that is read for the first time.
    pub(super) fn scan(scanner: &mut Scanner<'a>) -> Option<Self> {
        let mut context = Self::default();
        let start = scanner.at();
        scanner.may_hold_secrets = false;
        scanner.members(|scanner, key| {
            if key == "module" {
                return context.scan_module(scanner);
            }
            let value = scanner.value()?;
            if let Some(member) = context.member(key) {
                *member = Some(value);
            }
            Some(())
        })?;
        context.object = Some(scanner.text_from(start));
        context.may_hold_secrets = scanner.may_hold_secrets;
        Some(context)
    }

    fn scan_module(&mut self, scanner: &mut Scanner<'a>) -> Option<()> {
        (self.module_usage_key, self.module_display_name) = (None, None);
        if scanner.next()? != b'{' {
            return scanner.value().map(drop);
        }
        scanner.members(|scanner, key| {
            let value = scanner.value()?;
            self.set_of_module(key, value);
            Some(())
        })
    }

    /// Reads the raw object of a record that was read.
    pub(super) fn read(object: &'a str) -> Self {
        let mut context = Self { object: Some(object), may_hold_secrets: true, ..Self::default() };
        let mut module = None;
        // The object is part of a record that was read, so it cannot be broken.
        let _ = json::for_each_member(object, |key, value| {
            if key == "module" {
                module = Some(value);
            } else if let Some(member) = context.member(key) {
                *member = Some(value);
            }
        });
        if let Some(module) = module.filter(|module| module.starts_with('{')) {
            let _ = json::for_each_member(module, |key, value| context.set_of_module(key, value));
        }
        context
    }

    fn member(&mut self, key: &str) -> Option<&mut Option<&'a str>> {
        Some(match key {
            "course_id" => &mut self.course_id,
            "org_id" => &mut self.org_id,
            "path" => &mut self.path,
            "user_id" => &mut self.user_id,
            "received_at" => &mut self.received_at,
            "mode" => &mut self.mode,
            _ => return None,
        })
    }

    fn set_of_module(&mut self, key: &str, value: &'a str) {
        match key {
            "usage_key" => self.module_usage_key = Some(value),
            "display_name" => self.module_display_name = Some(value),
            _ => {}
        }
    }
}
