package dev.socketforwarder.tests;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Compares manifests with the classes of Kubernetes' own Java client, which are generated from the description of its API: no field is
 * unknown or missing, and each value has the right type. The client knows no enumerations.
 */
final class Manifests {

    private interface Check {
        void validate(JsonElement manifest) throws IOException;
    }

    private record Kind(Class<?> type, Check check) {}

    private static final Map<String, Kind> KINDS = Map.of(
            "v1/ConfigMap", new Kind(V1ConfigMap.class, V1ConfigMap::validateJsonElement),
            "v1/Secret", new Kind(V1Secret.class, V1Secret::validateJsonElement),
            "v1/Service", new Kind(V1Service.class, V1Service::validateJsonElement),
            "apps/v1/Deployment", new Kind(V1Deployment.class, V1Deployment::validateJsonElement));

    // A page has no times, and Gson cannot make this class of the JDK by itself.
    private static final Gson GSON = new GsonBuilder()
            .registerTypeAdapter(OffsetDateTime.class, (JsonDeserializer<OffsetDateTime>)
                    (time, _, _) -> OffsetDateTime.parse(time.getAsString()))
            .create();

    private Manifests() {}

    /** {@return what is wrong with a manifest} */
    static List<String> faults(JsonNode manifest) {
        var name = manifest.path("apiVersion").asString() + "/"
                + manifest.path("kind").asString();
        var kind = KINDS.get(name);
        if (kind == null) {
            return List.of("this test does not know " + name);
        }
        var json = JsonParser.parseString(manifest.toString());
        try {
            kind.check().validate(json);
            GSON.fromJson(json, kind.type());
            return List.of();
        } catch (IOException | RuntimeException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }
}
