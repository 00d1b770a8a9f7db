using System.Globalization;
using System.Net;
using System.Text.Json;

namespace WhiteCross.Gateway;

/// <summary>A person's data as a download: asked for page by page, since a sidecar ends whatever takes long.</summary>
internal sealed class PersonDownload(DeliveryServiceClient service, Guid id, PersonPage first) : IResult, IStatusCodeHttpResult
{
    public const string ContentType = "application/x-ndjson";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public int? StatusCode => StatusCodes.Status200OK;

    /// <summary>A page of it; null where a service that has a part of it is away.</summary>
    public static async Task<PersonPage?> PageAsync(DeliveryServiceClient service, Guid id, string? cursor, CancellationToken cancellationToken) =>
        await service.SendAsync(HttpMethod.Post, $"/internal/people/{id}/export", new { cursor }, cancellationToken) is { Status: HttpStatusCode.OK, Body: var body }
            ? JsonSerializer.Deserialize<PersonPage>(body, Json)
            : null;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = $"attachment; filename=\"export-{id:N}.jsonl\"";
        var (page, lines) = (first, 0L);
        while (true)
        {
            foreach (var line in page.Lines)
            {
                await response.WriteAsync(line.GetRawText() + "\n", httpContext.RequestAborted);
            }

            lines += page.Lines.Count;
            if (page.NextCursor is not { } cursor)
            {
                break;
            }

            if (await PageAsync(service, id, cursor, httpContext.RequestAborted) is not { } next)
            {
                // Its status has gone out: that it breaks off, and has no end, is all that can be said.
                httpContext.Abort();
                return;
            }

            page = next;
        }

        var at = httpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        await response.WriteAsync(JsonSerializer.Serialize(new { kind = "end", lines, at }, Json) + "\n", httpContext.RequestAborted);
    }
}

/// <summary>A page of a person's data.</summary>
internal sealed record PersonPage(IReadOnlyList<JsonElement> Lines, string? NextCursor)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Lines.Count} lines");
}
