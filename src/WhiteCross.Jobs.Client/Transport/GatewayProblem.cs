using System.Net;
using System.Text.Json;

namespace WhiteCross.Jobs.Client.Transport;

/// <summary>What the gateway says when it does not do what it was asked: its problem details (RFC 9457), as far as it gives any.</summary>
/// <param name="answer">The answer.</param>
internal sealed class GatewayProblem(GatewayAnswer answer)
{
    public HttpStatusCode Status { get; } = answer.Status;

    /// <summary>The details as they came; null where there are none.</summary>
    public JsonElement? Json { get; } = answer.Json is { ValueKind: JsonValueKind.Object } json ? json : null;

    public string? Title => TextOf("title");

    public string? Detail => TextOf("detail");

    /// <summary>What is wrong by field; null where that is not told.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors => Json?.TryGetProperty("errors", out var errors) == true ? ErrorsOf(errors) : null;

    /// <summary>How a job ended of which only that is known any more; null when nothing is.</summary>
    public string? Remains => TextOf("remains");

    /// <summary>Whether nobody knows if it was done. Who answers for the gateway, or breaks down, does not say.</summary>
    public bool IsOutcomeUnknown =>
        Status is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout or HttpStatusCode.InternalServerError || TextOf("outcome") == "unknown";

    /// <summary>The title and the detail in one; null where neither is told.</summary>
    public string? Text => (Title, Detail) switch
    {
        ({ } title, { } detail) => $"{title.TrimEnd('.')}: {detail}",
        var (title, detail) => title ?? detail,
    };

    /// <summary>What is wrong by field, as the gateway tells it.</summary>
    public static IReadOnlyDictionary<string, string[]>? ErrorsOf(JsonElement errors) => errors.ValueKind == JsonValueKind.Object
        ? errors.EnumerateObject().ToDictionary(
            field => field.Name, field => field.Value.ValueKind == JsonValueKind.Array ? field.Value.EnumerateArray().Select(message => message.ToString()).ToArray() : [])
        : null;

    /// <summary>As it is thrown.</summary>
    public Exception ToException() => this switch
    {
        { Status: HttpStatusCode.BadRequest, Errors: { } errors } => new JobsValidationException(errors, this),
        { Status: >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests } =>
            new JobsUnavailableException($"The queues answered {(int)Status}.") { IsOutcomeUnknown = IsOutcomeUnknown, Problem = this },
        _ => new JobsRefusedException(this),
    };

    private string? TextOf(string name) =>
        Json?.TryGetProperty(name, out var value) == true && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}

/// <summary>In which way the queues are not available.</summary>
internal enum UnavailableKind
{
    /// <summary>The gateway said so.</summary>
    Answered,

    /// <summary>There is no connection.</summary>
    NotReached,

    /// <summary>The connection broke while an answer was read.</summary>
    BrokenOff,

    /// <summary>No answer has come in time.</summary>
    Silent,

    /// <summary>What answers is no gateway.</summary>
    NoGateway,

    /// <summary>It is a gateway of another version.</summary>
    NotUnderstood,
}
