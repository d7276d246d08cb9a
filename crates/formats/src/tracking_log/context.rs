//! The members of `context` that have columns, as raw JSON text.
//!
//! A record without a context (before October 2013) or with one that is no object has none of them; that is no fault.

use super::json;

/// Raw JSON text of the context's members (docs/concepts/edx-files.md, "Common fields").
#[derive(Debug, Default)]
pub(super) struct Context<'a> {
    /// The whole object.
    pub(super) object: Option<&'a str>,
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
    pub(super) fn read(raw: Option<&'a str>) -> Self {
        let mut context = Self { object: raw.filter(|raw| raw.starts_with('{')), ..Self::default() };
        let Some(object) = context.object else { return context };
        let mut module = None;
        // The object is part of a record that was read, so it cannot be broken.
        let _ = json::for_each_member(object, |key, value| {
            let member = match key {
                "course_id" => &mut context.course_id,
                "org_id" => &mut context.org_id,
                "path" => &mut context.path,
                "user_id" => &mut context.user_id,
                "received_at" => &mut context.received_at,
                "mode" => &mut context.mode,
                "module" => &mut module,
                _ => return,
            };
            *member = Some(value);
        });
        if let Some(module) = module.filter(|module| module.starts_with('{')) {
            let _ = json::for_each_member(module, |key, value| match key {
                "usage_key" => context.module_usage_key = Some(value),
                "display_name" => context.module_display_name = Some(value),
                _ => {}
            });
        }
        context
    }
}
