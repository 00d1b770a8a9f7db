using System.Text;
using System.Text.Json;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.Running;
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
                response.Headers.ETag = entry.ETag; // Not in quotes, as daprd writes it.
            }

            return Results.Bytes(entry.Data.ToArray(), "application/json");
        });
        app.MapMethods("/v1.0/state/{store}", Writes, async (string store, HttpRequest request, CancellationToken cancellationToken) =>
        {
            using var body = await ReadAsync(request, runtime, store, cancellationToken);
            var shared = RequestMetadata.Of(request.Query);
            await runtime.State.SetAllAsync(store, [.. Items(body.RootElement).Select(item => WriteOf(item, shared, store, StateErrors.Save))], cancellationToken);
            return Results.NoContent();
        });
        app.MapDelete("/v1.0/state/{store}/{key}", async (string store, string key, string? concurrency, HttpRequest request, CancellationToken cancellationToken) =>
        {
            // As it stands, without quotes: daprd takes none off.
            var etag = request.Headers.IfMatch.ToString();
            await runtime.State.DeleteAllAsync(store, [new StateDelete(key, etag.Length == 0 ? null : etag) { Concurrency = ConcurrencyOf(concurrency) }], cancellationToken);
            return Results.NoContent();
        });
        app.MapMethods("/v1.0/state/{store}/bulk", Writes, async (string store, HttpRequest request, CancellationToken cancellationToken) =>
        {
            using var body = await ReadAsync(request, runtime, store, cancellationToken);
            var keys = Items(Member(body.RootElement, "keys"))
                .Select(key => key.ValueKind == JsonValueKind.String ? key.GetString()! : throw StateErrors.Malformed("a key is not text")).ToList();
            var parallelism = body.RootElement.TryGetProperty("parallelism", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var atOnce) ? atOnce : 0;
            return Results.Bytes(WriteBulk(await runtime.State.GetAllAsync(store, keys, parallelism, cancellationToken)), "application/json");
        });
        app.MapMethods("/v1.0/state/{store}/transaction", Writes, async (string store, HttpRequest request, CancellationToken cancellationToken) =>
        {
            using var body = await ReadAsync(request, runtime, store, cancellationToken);
            var shared = RequestMetadata.Of(request.Query);
            await runtime.State.TransactAsync(store, [.. Items(Member(body.RootElement, "operations")).Select(item => OperationOf(item, shared, store))], cancellationToken);
            return Results.NoContent();
        });
    }

    /// <summary>Reads the body, once the store is known to be there.</summary>
    private static async Task<JsonDocument> ReadAsync(HttpRequest request, SidecarRuntime runtime, string store, CancellationToken cancellationToken)
    {
        runtime.State.Check(store);
        try
        {
            return DaprJson.Parse(await RequestBody.ReadAsync(request, runtime.Options.MaxBodySize, cancellationToken));
        }
        catch (JsonException exception)
        {
            throw StateErrors.Malformed("the body is not JSON", exception);
        }
    }

    private static IEnumerable<JsonElement> Items(JsonElement array) =>
        array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : throw StateErrors.Malformed("an array is missing");

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : throw StateErrors.Malformed($"{name} is missing");

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static StateOperation OperationOf(JsonElement operation, IReadOnlyDictionary<string, string> shared, string store) => Text(operation, "operation") switch
    {
        _ when operation.ValueKind != JsonValueKind.Object => throw StateErrors.Malformed("an operation is not an object"),
        "upsert" => WriteOf(Member(operation, "request"), shared, store, StateErrors.Transaction),
        "delete" => new StateDelete(KeyOf(Member(operation, "request")), Text(Member(operation, "request"), "etag")),
        var other => throw StateErrors.UnknownOperation(other),
    };

    private static StateWrite WriteOf(JsonElement item, IReadOnlyDictionary<string, string> shared, string store, string errorCode)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw StateErrors.Malformed("an item is not an object");
        }

        var options = item.TryGetProperty("options", out var given) ? given : default;
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (item.TryGetProperty("metadata", out var values) && values.ValueKind == JsonValueKind.Object)
        {
            foreach (var entry in values.EnumerateObject())
            {
                metadata[entry.Name] = entry.Value.ToString(); // Of two with one name, the last counts.
            }
        }

        foreach (var (name, value) in shared)
        {
            metadata[name] = value;
        }

        return new StateWrite(KeyOf(item), Encoding.UTF8.GetBytes(item.TryGetProperty("value", out var content) ? content.GetRawText() : "null"), Text(item, "etag"))
        {
            Concurrency = ConcurrencyOf(Text(options, "concurrency")),
            Strong = Text(options, "consistency") == "strong",
            TtlInSeconds = StateTtl.Read(metadata, store, errorCode),
        };
    }

    private static string KeyOf(JsonElement item) => Text(item, "key") is { Length: > 0 } key ? key : throw StateErrors.Malformed("key is missing");

    private static StateConcurrency ConcurrencyOf(string? text) => text switch
    {
        "first-write" => StateConcurrency.FirstWrite,
        "last-write" => StateConcurrency.LastWrite,
        _ => StateConcurrency.Unspecified,
    };

    private static byte[] WriteBulk(IReadOnlyList<StateBulkItem> items)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                writer.WriteStartObject();
                writer.WriteString("key"u8, item.Key);
                if (item.Entry is { } entry)
                {
                    writer.WritePropertyName("data"u8);
                    writer.WriteRawValue(entry.Data.Span, skipInputValidation: true);
                    writer.WriteString("etag"u8, entry.ETag);
                }

                if (item.Error is { } error)
                {
                    writer.WriteString("error"u8, error);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return buffer.ToArray();
    }
}
