//! The OpenAPI 3.1 document, written from the table of routes and the types they send.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use czar_pipeline::control::Role;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::answer::ErrorAnswer;
use super::routes::{Content, Method, Route, routes};
use crate::server::service::Service;

pub(super) async fn document(State(service): State<Arc<Service>>) -> Json<Value> {
    Json(describe(&routes(service.settings().serve.optimus_routes)))
}

/// Describes routes.
fn describe(routes: &[Route]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let error = generator.subschema_for::<ErrorAnswer>().to_value();
    let mut paths = Map::new();
    for route in routes {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        let method = match route.method {
            Method::Get => "get",
            Method::Post => "post",
        };
        path[method] = operation(route, &error, &mut generator);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "czar",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "State of a czar server. Counts, names of files and words; never a learner's record.",
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "basic": { "type": "http", "scheme": "basic", "description": "The token is the password; any name will do." },
            },
        },
    })
}

fn operation(route: &Route, error: &Value, generator: &mut SchemaGenerator) -> Value {
    let content = match &route.content {
        Content::Json(schema) => json!({ "application/json": { "schema": schema(generator).to_value() } }),
        Content::AnyJson => json!({ "application/json": {} }),
        Content::Other(media_type) => json!({ *media_type: {} }),
    };
    let mut responses = json!({ route.status.to_string(): { "description": "Done.", "content": content } });
    let mut refusal = |code: &str, why: &str| {
        responses[code] = json!({ "description": why, "content": { "application/json": { "schema": error } } });
    };
    let mut security = json!([]);
    if let Some(role) = route.role {
        security = json!([{ "bearer": [] }, { "basic": [] }]);
        refusal("401", "There is no token, or it is unknown or its time is over.");
        refusal("403", &format!("The token does not allow this: it needs the role {}.", role.name()));
    }
    if route.query.is_some() || route.body.is_some() {
        refusal("400", "The request is not understood.");
    }
    if route.path.contains('{') {
        refusal("404", "There is no such thing.");
    }
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.summary,
        "description": route.role.map_or_else(|| "Needs no token.".to_owned(), needed),
        "x-role": route.role.map(Role::name),
        "parameters": parameters(route, generator),
        "security": security,
        "responses": responses,
    });
    if let Some(body) = route.body {
        operation["requestBody"] =
            json!({ "required": false, "content": { "application/json": { "schema": body(generator).to_value() } } });
    }
    operation
}

fn needed(role: Role) -> String {
    format!("Needs a token with the role {} or more.", role.name())
}

fn parameters(route: &Route, generator: &mut SchemaGenerator) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> =
        in_path.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "integer" } })).collect();
    let Some(query) = route.query else { return parameters };
    let schema = query(generator).to_value();
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        parameters.push(json!({
            "name": name, "in": "query", "required": false, "description": member["description"], "schema": member,
        }));
    }
    parameters
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    #[test]
    fn each_route_is_described_with_its_role_and_each_reference_leads_somewhere() {
        for has_optimus in [false, true] {
            let routes = routes(has_optimus);
            let document = describe(&routes);
            for route in &routes {
                let method = if route.method == Method::Get { "get" } else { "post" };
                let operation = &document["paths"][route.path][method];
                assert_eq!(operation["operationId"], route.name, "{}", route.path);
                assert_eq!(operation["x-role"].as_str(), route.role.map(Role::name), "{}", route.path);
            }
            let text = document.to_string();
            for reference in text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                let name = reference.strip_prefix("#/components/schemas/").unwrap();
                assert!(document["components"]["schemas"][name].is_object(), "{reference}");
            }
        }
    }

    #[test]
    fn names_of_operations_are_there_once() {
        let routes = routes(true);
        let mut names: Vec<&str> = routes.iter().map(|route| route.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), routes.len());
    }
}
