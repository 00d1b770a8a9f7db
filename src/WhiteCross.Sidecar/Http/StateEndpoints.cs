using System.Text;
using System.Text.Json;
using Grpc.Core;
using WhiteCross.Sidecar.State;

namespace WhiteCross.Sidecar.Http;

/// <summary>State over HTTP.</summary>
internal static class StateEndpoints
{
    private static readonly string[] Writes = ["POST", "PUT"];

    public static void Map(IEndpointRouteBuilder app, SidecarRuntime runtime)
    {
        app.MapGet("/v1.0/state/{store}/{key}", async (string store, string key, HttpResponse response, CancellationToken cancellationToken) =>
        {
            if (await runtime.State.GetAsync(store, key, cancellationToken) is not { } entry)
            {
                return Results.NoContent();
            }

            if (entry.ETag is not null)
            {
                response.Headers.ETag = $"\"{entry.ETag}\"";
            }

            return Results.Bytes(entry.Data.ToArray(), "application/json");
        });
        app.MapMethods("/v1.0/state/{store}", Writes, async (string store, HttpRequest request, CancellationToken cancellationToken) =>
        {
            using var body = await ReadAsync(request, runtime, cancellationToken);
            var writes = Items(body.RootElement).Select(WriteOf).ToList();
            await Task.WhenAll(writes.Select(write => runtime.State.SetAsync(store, write, cancellationToken)));
            return Results.NoContent();
        });
        app.MapDelete("/v1.0/state/{store}/{key}", async (string store, string key, string? concurrency, HttpRequest request, CancellationToken cancellationToken) =>
        {
            var etag = request.Headers.IfMatch.ToString().Trim('"');
            await runtime.State.DeleteAsync(store, new StateDelete(key, etag.Length == 0 ? null : etag) { Concurrency = ConcurrencyOf(concurrency) }, cancellationToken);
            return Results.NoContent();
        });
        app.MapMethods("/v1.0/state/{store}/bulk", Writes, async (string store, HttpRequest request, CancellationToken cancellationToken) =>
        {
            using var body = await ReadAsync(request, runtime, cancellationToken);
            var keys = Items(Member(body.RootElement, "keys"))
                .Select(key => key.ValueKind == JsonValueKind.String ? key.GetString()! : throw Malformed("a key is not text")).ToList();
            var entries = await Task.WhenAll(keys.Select(key => runtime.State.GetAsync(store, key, cancellationToken)));
            return Results.Bytes(WriteBulk(keys, entries), "application/json");
        });
        app.MapMethods("/v1.0/state/{store}/transaction", Writes, async (string store, HttpRequest request, CancellationToken cancellationToken) =>
        {
            using var body = await ReadAsync(request, runtime, cancellationToken);
            await runtime.State.TransactAsync(store, [.. Items(Member(body.RootElement, "operations")).Select(OperationOf)], cancellationToken);
            return Results.NoContent();
        });
    }

    private static async Task<JsonDocument> ReadAsync(HttpRequest request, SidecarRuntime runtime, CancellationToken cancellationToken)
    {
        try
        {
            return DaprJson.Parse(await RequestBody.ReadAsync(request, runtime.Options.MaxBodySize, cancellationToken));
        }
        catch (JsonException exception)
        {
            throw Malformed("the body is not JSON", exception);
        }
    }

    private static SidecarApiException Malformed(string message, Exception? exception = null) =>
        new(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", message, exception);

    private static IEnumerable<JsonElement> Items(JsonElement array) =>
        array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : throw Malformed("an array is missing");

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : throw Malformed($"{name} is missing");

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static StateOperation OperationOf(JsonElement operation) => Text(operation, "operation") switch
    {
        "upsert" => WriteOf(Member(operation, "request")),
        "delete" => new StateDelete(KeyOf(Member(operation, "request")), Text(Member(operation, "request"), "etag")),
        _ => throw Malformed("operation must be upsert or delete"),
    };

    private static StateWrite WriteOf(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw Malformed("an item is not an object");
        }

        var options = item.TryGetProperty("options", out var given) ? given : default;
        Dictionary<string, string>? metadata = null;
        if (item.TryGetProperty("metadata", out var values) && values.ValueKind == JsonValueKind.Object)
        {
            metadata = new(StringComparer.OrdinalIgnoreCase);
            foreach (var entry in values.EnumerateObject())
            {
                metadata[entry.Name] = entry.Value.ToString(); // Of two with one name, the last counts.
            }
        }

        return new StateWrite(KeyOf(item), Encoding.UTF8.GetBytes(item.TryGetProperty("value", out var value) ? value.GetRawText() : "null"), Text(item, "etag"))
        {
            Concurrency = ConcurrencyOf(Text(options, "concurrency")),
            Strong = Text(options, "consistency") == "strong",
            TtlInSeconds = StateTtl.Read(metadata),
        };
    }

    private static string KeyOf(JsonElement item) => Text(item, "key") is { Length: > 0 } key ? key : throw Malformed("key is missing");

    private static StateConcurrency ConcurrencyOf(string? text) => text switch
    {
        "first-write" => StateConcurrency.FirstWrite,
        "last-write" => StateConcurrency.LastWrite,
        _ => StateConcurrency.Unspecified,
    };

    private static byte[] WriteBulk(List<string> keys, StateEntry?[] entries)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartArray();
            for (var i = 0; i < keys.Count; i++)
            {
                writer.WriteStartObject();
                writer.WriteString("key"u8, keys[i]);
                if (entries[i] is { } entry)
                {
                    writer.WritePropertyName("data"u8);
                    writer.WriteRawValue(entry.Data.Span, skipInputValidation: true);
                    writer.WriteString("etag"u8, entry.ETag);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return buffer.ToArray();
    }
}
