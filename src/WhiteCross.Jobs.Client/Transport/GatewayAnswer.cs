using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace WhiteCross.Jobs.Client.Transport;

/// <summary>An answer of the gateway, whatever its status.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Json">Its document; null when it has none, or none that is JSON.</param>
internal sealed record GatewayAnswer(HttpStatusCode Status, JsonElement? Json)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public bool IsNotFound => Status == HttpStatusCode.NotFound;

    /// <summary>The document; an empty object where there is none.</summary>
    public JsonNode Document => Json is { } json ? Answer.NodeOf(json) : new JsonObject();

    /// <summary>Reads an answer to its end.</summary>
    /// <exception cref="JobsUnavailableException">It says that it is JSON and is not.</exception>
    public static async Task<GatewayAnswer> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentType?.MediaType is not ("application/json" or "application/problem+json"))
        {
            return new GatewayAnswer(answer.StatusCode, null);
        }

        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        try
        {
            return new GatewayAnswer(answer.StatusCode, JsonElement.Parse(bytes));
        }
        catch (JsonException exception)
        {
            return answer.IsSuccessStatusCode
                ? throw new JobsUnavailableException("The gateway's answer is not valid JSON.", exception) { Kind = UnavailableKind.NoGateway }
                : new GatewayAnswer(answer.StatusCode, null);
        }
    }

    /// <summary>Makes sure that the request was served.</summary>
    /// <exception cref="JobsRefusedException">It was refused; a <see cref="JobsValidationException"/> where fields are wrong.</exception>
    /// <exception cref="JobsUnavailableException">It cannot be served now.</exception>
    public GatewayAnswer Ensure() => IsSuccess ? this : throw new GatewayProblem(this).ToException();

    /// <summary>The same, and that a gateway served it, which answers in JSON.</summary>
    public GatewayAnswer EnsureDocument() => Ensure() is { Json: null, Status: not HttpStatusCode.NoContent }
        ? throw new JobsUnavailableException("What answers there is no gateway.") { Kind = UnavailableKind.NoGateway }
        : this;

    /// <summary>The same, as one of the contracts.</summary>
    public Answer<T> As<T>(JsonTypeInfo<T> type) => new(EnsureDocument().Json ?? default, type);
}

/// <summary>What the gateway answered, as it came and as one of the contracts.</summary>
/// <typeparam name="T">The contract.</typeparam>
/// <param name="Json">As it came, with what the contract does not know.</param>
/// <param name="Type">How it is read.</param>
internal sealed record Answer<T>(JsonElement Json, JsonTypeInfo<T> Type)
{
    /// <summary>As it came; each time a tree of its own.</summary>
    public JsonNode Document => Answer.NodeOf(Json);

    /// <summary>As the contract.</summary>
    /// <exception cref="JobsUnavailableException">It is not that.</exception>
    public T Value => Answer.Read(() => Json.ValueKind == JsonValueKind.Undefined ? default : Json.Deserialize(Type));
}

/// <summary>Reading answers.</summary>
internal static class Answer
{
    /// <summary>A tree of a document.</summary>
    public static JsonNode NodeOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(json)!,
        JsonValueKind.Array => JsonArray.Create(json)!,
        JsonValueKind.Undefined or JsonValueKind.Null => new JsonObject(),
        _ => JsonValue.Create(json)!,
    };

    /// <summary>A tree as one of the contracts.</summary>
    /// <exception cref="JobsUnavailableException">It is not that.</exception>
    public static T As<T>(JsonNode document, JsonTypeInfo<T> type) => Read(() => document.Deserialize(type));

    /// <summary>Reads something; what is not as the contracts say comes of a gateway of another version.</summary>
    /// <exception cref="JobsUnavailableException">It cannot be understood.</exception>
    public static T Read<T>(Func<T?> read)
    {
        try
        {
            return read() ?? throw new JsonException();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new JobsUnavailableException("The gateway's answer cannot be understood.", exception) { Kind = UnavailableKind.NotUnderstood };
        }
    }
}
