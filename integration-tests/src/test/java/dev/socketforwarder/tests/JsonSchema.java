package dev.socketforwarder.tests;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Tells where JSON differs from its schema. It knows the part of JSON Schema that our description uses, and rejects the rest,
 * so that nothing is left unchecked in silence. It is stricter than JSON Schema in one way: each field must be described.
 */
final class JsonSchema {
    private static final Set<String> CHECKED = Set.of(
            "$ref",
            "type",
            "enum",
            "format",
            "minimum",
            "maximum",
            "minItems",
            "maxItems",
            "items",
            "required",
            "properties",
            "propertyNames",
            "additionalProperties",
            "description");

    private final JsonNode root; // what references refer to

    JsonSchema(JsonNode root) {
        this.root = root;
    }

    static JsonNode text(String text) {
        return JsonNodeFactory.instance.stringNode(text);
    }

    /** {@return the node, or what it refers to} */
    JsonNode resolved(JsonNode node) {
        if (!node.has("$ref")) {
            return node;
        }
        var target = root.at(node.path("$ref").asString().substring(1));
        if (target.isMissingNode()) {
            throw new AssertionError("nothing is at " + node.path("$ref"));
        }
        return resolved(target);
    }

    /** {@return what is wrong; each begins with {@code where}} */
    List<String> faults(JsonNode value, JsonNode reference, String where) {
        var schema = resolved(reference);
        var unknown = new TreeSet<>(schema.propertyNames());
        unknown.removeAll(CHECKED);
        if (!unknown.isEmpty() || schema.isMissingNode()) {
            throw new AssertionError(where + ": no schema, or unknown words " + unknown);
        }
        var type = type(value, schema.path("type"));
        if (type.isEmpty()) {
            return List.of(where + ": " + value + " is no " + schema.path("type"));
        }
        var faults = new ArrayList<String>();
        if (schema.has("enum")
                && schema.path("enum")
                        .valueStream()
                        .noneMatch(word -> word.asString().equals(value.asString()))) {
            faults.add(where + ": unknown word " + value);
        }
        switch (type) {
            case "object" -> addObject(faults, value, schema, where);
            case "array" -> addArray(faults, value, schema, where);
            case "integer", "number" -> addNumber(faults, value, schema, where);
            case "string" -> addText(faults, value, schema, where);
            default -> {}
        }
        return faults;
    }

    /** {@return the type of the schema that the value has; empty if it has none of them} */
    private static String type(JsonNode value, JsonNode types) {
        var names =
                types.isArray() ? types.valueStream().map(JsonNode::asString).toList() : List.of(types.asString());
        return names.stream().filter(name -> is(value, name)).findFirst().orElse("");
    }

    private static boolean is(JsonNode value, String type) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "null" -> value.isNull();
            default -> throw new AssertionError("unknown type " + type);
        };
    }

    private void addObject(List<String> faults, JsonNode value, JsonNode schema, String where) {
        schema.path("required").forEach(name -> {
            if (!value.has(name.asString())) {
                faults.add(where + ": lacks " + name);
            }
        });
        value.forEachEntry((name, field) -> {
            var at = where + "/" + name;
            var described = schema.path("properties").path(name);
            var schemaOfField = described.isMissingNode() ? schema.path("additionalProperties") : described;
            if (schemaOfField.isMissingNode()) {
                faults.add(at + ": not described");
            } else {
                faults.addAll(faults(field, schemaOfField, at));
            }
            if (schema.has("propertyNames")) {
                faults.addAll(faults(text(name), schema.path("propertyNames"), at));
            }
        });
    }

    private void addArray(List<String> faults, JsonNode value, JsonNode schema, String where) {
        if (value.size() < schema.path("minItems").asInt(0)
                || value.size() > schema.path("maxItems").asInt(Integer.MAX_VALUE)) {
            faults.add(where + ": has " + value.size() + " elements");
        }
        for (int i = 0; i < value.size(); i++) {
            faults.addAll(faults(value.get(i), schema.path("items"), where + "/" + i));
        }
    }

    private static void addNumber(List<String> faults, JsonNode value, JsonNode schema, String where) {
        double number = value.asDouble();
        if (number < schema.path("minimum").asDouble(Double.NEGATIVE_INFINITY)
                || number > schema.path("maximum").asDouble(Double.POSITIVE_INFINITY)) {
            faults.add(where + ": " + value + " is out of range");
        }
    }

    private static void addText(List<String> faults, JsonNode value, JsonNode schema, String where) {
        if (!schema.path("format").asString("").equals("date-time")) {
            return;
        }
        try {
            Instant.parse(value.asString());
        } catch (DateTimeParseException _) {
            faults.add(where + ": " + value + " is no time");
        }
    }
}
