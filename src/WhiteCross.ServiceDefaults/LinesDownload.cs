using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// Lines of JSON as a download, asked for page by page, since a sidecar ends whatever takes long. The last line has the kind <c>end</c>: without it the download broke off.
/// </summary>
/// <param name="name">The file's name, without its extension.</param>
/// <param name="first">The first page, which is there before anything is answered.</param>
/// <param name="next">The page at a cursor; null, or an <see cref="HttpRequestException"/>, where a service that has a part of it is away.</param>
public sealed class LinesDownload(string name, LinesPage first, Func<string, CancellationToken, Task<LinesPage?>> next) : IResult, IStatusCodeHttpResult
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/x-ndjson";

    /// <inheritdoc/>
    public int? StatusCode => StatusCodes.Status200OK;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}.jsonl\"";
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

            if (await NextAsync(cursor, httpContext.RequestAborted) is not { } following)
            {
                // Its status has gone out: that it breaks off, and has no end, is all that can be said.
                httpContext.Abort();
                return;
            }

            page = following;
        }

        var at = httpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        await response.WriteAsync(JsonSerializer.Serialize(new { kind = "end", lines, at }) + "\n", httpContext.RequestAborted);
    }

    private async Task<LinesPage?> NextAsync(string cursor, CancellationToken cancellationToken)
    {
        try
        {
            return await next(cursor, cancellationToken);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}

/// <summary>A page of lines of JSON.</summary>
/// <param name="Lines">The lines.</param>
/// <param name="NextCursor">Where the next page begins; null at the end.</param>
public sealed record LinesPage(IReadOnlyList<JsonElement> Lines, string? NextCursor)
{
    /// <summary>Without what the lines say.</summary>
    public override string ToString() => $"{Lines.Count} lines";
}
