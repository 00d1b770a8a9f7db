using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>The header <c>Idempotency-Key</c>, which clients know from elsewhere: for one job it is its id, which is what makes an add repeatable here.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    /// <summary>Reads it; null where none is given.</summary>
    /// <param name="context">The request.</param>
    /// <param name="jobId">The id that the body names, which must be the same.</param>
    /// <param name="error">What is wrong with it.</param>
    public static string? Read(HttpContext context, string? jobId, out string? error)
    {
        error = null;
        if (context.Request.Headers[Header] is not { Count: > 0 } values)
        {
            return null;
        }

        // The standard's form is a quoted text; most clients send it bare.
        var value = values.ToString().Trim();
        var key = value.Length >= 2 && value[0] == '"' && value[^1] == '"' ? value[1..^1] : value;
        error = !JobIds.IsValid(key) ? $"{JobIds.Rule}."
            : jobId is not null && jobId != key ? "is another than the jobId of the body: give one of them, or the same twice."
            : null;
        return key;
    }

    /// <summary>Refuses it, by its name, at every change that does not read it: who sends one relies on it.</summary>
    public static RouteGroupBuilder WithIdempotencyKeys(this RouteGroupBuilder group) => group.AddEndpointFilter((context, next) =>
    {
        var http = context.HttpContext;
        return !http.Request.Headers.ContainsKey(Header) || HttpMethods.IsGet(http.Request.Method) || http.GetEndpoint()?.Metadata.GetMetadata<ReadsIdempotencyKey>() is not null
            ? next(context)
            : ValueTask.FromResult<object?>(Problems.Invalid(Header, "would be without effect here: it is read where one job is added (POST /queue/{queue}/jobs), as the jobId. Leave it out."));
    });

    /// <summary>What to answer where it means nothing; null where it is not given.</summary>
    public static IResult? Refusal(HttpContext context, string wayOut) =>
        context.Request.Headers.ContainsKey(Header) ? Problems.Invalid(Header, $"is for one job: {wayOut}") : null;
}

/// <summary>An endpoint that reads <c>Idempotency-Key</c>, or says itself what to do instead.</summary>
internal sealed record ReadsIdempotencyKey;
