using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageIndexing;

/// <summary>Searching messages: each user finds what that user sent or received.</summary>
internal static class SearchApi
{
    private const int MostLooks = 10;
    private const int MostCounted = 1000;

    public static void AddSearch(this IServiceCollection services)
    {
        services.TryAddSingleton<IReadableMessages, DeliveredMessages>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, SearchJsonContext.Default));
    }

    public static void MapSearch(this WebApplication app) => app.MapGet("/search", SearchAsync).WithName("Search").WithTags("Search")
        .WithSummary("Finds messages by their words, among those that the user may read now.")
        .WithDescription("A query is made of words in any form, \"phrases\", beginnings of words with *, and exclusions with -; all of them must hold.")
        .WithQueryParameter("q", JsonSchemaType.String, $"""The query, for example: fever "blood test" medicat* -urgent. At most {SearchQueryReader.MaxLength} characters.""")
        .WithQueryParameter(UserAuthentication.UserParameter, JsonSchemaType.String, "Who asks: required where users are not authenticated, ignored where they are.", "uuid")
        .WithQueryParameter("conversationId", JsonSchemaType.String, "Only in this conversation.", "uuid")
        .WithQueryParameter("from", JsonSchemaType.String, "Only at this time or later: a date (UTC), or a date-time with its offset.", "date-time")
        .WithQueryParameter("to", JsonSchemaType.String, "Only at this time or earlier; a date stands for its end.", "date-time")
        .WithQueryParameter("sort", JsonSchemaType.String, "relevance: the best first; time: the newest first. Default: relevance.")
        .WithQueryParameter("limit", JsonSchemaType.Integer, $"At most so many, 1–{SearchInput.MaxLimit}. Default: {SearchInput.DefaultLimit}.")
        .WithQueryParameter("cursor", JsonSchemaType.String, "The nextCursor of the page before. Left out: the first page.")
        .WithQueryParameter("facets", JsonSchemaType.Boolean, $"true says too in which conversations and by which senders the best {MostCounted} are. Default: false.")
        .GathersErrors()
        .ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .RequireUser(app.Services);

    private static async Task<Results<Ok<SearchAnswer>, ProblemHttpResult, ValidationProblem>> SearchAsync(
        QueryInput query, HttpContext context, IMessageIndex index, IReadableMessages readable, CancellationToken cancellationToken)
    {
        var input = new SearchInput(query);
        if (input.Request is not { } request)
        {
            return query.Problem();
        }

        try
        {
            var (hits, last) = await FindAsync(request, index, readable, cancellationToken);
            var next = last is null ? null : new SearchCursor(last.Score, last.Message.SentAt, last.Message.Id).ToText(input.SearchNumber);
            context.Response.Headers.CacheControl = "no-store";
            var facets = input.WantsFacets ? await CountAsync(request, index, readable, cancellationToken) : null;
            return TypedResults.Ok(new SearchAnswer([.. hits.Select(hit => SearchResult.Of(hit, request.Query))], next, facets));
        }
        catch (HttpRequestException)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable, title: "What may be read is not known now.",
                detail: "The service that has the messages (message-delivery) does not answer; nothing is shown without it. Try again soon.");
        }
    }

    /// <summary>A page of what the user may read now, and the hit that the next page begins behind; null when there is none.</summary>
    // Of the whole search, whichever page is asked for.
    private static async Task<SearchFacets> CountAsync(SearchRequest request, IMessageIndex index, IReadableMessages readable, CancellationToken cancellationToken)
    {
        var all = await index.SearchAsync(request with { Limit = MostCounted, After = null }, cancellationToken);
        var hidden = await readable.HiddenFromAsync(request.UserId, [.. all.Hits.Select(hit => hit.Message.Id)], cancellationToken);
        return SearchFacets.Of([.. all.Hits.Select(hit => hit.Message).Where(message => !hidden.Contains(message.Id))], all.HasMore);
    }

    private static async Task<(IReadOnlyList<SearchHit> Hits, SearchHit? Last)> FindAsync(
        SearchRequest request, IMessageIndex index, IReadableMessages readable, CancellationToken cancellationToken)
    {
        var found = new List<SearchHit>(request.Limit);
        for (var look = 1; ; look++)
        {
            var page = await index.SearchAsync(request, cancellationToken);
            var hidden = await readable.HiddenFromAsync(request.UserId, [.. page.Hits.Select(hit => hit.Message.Id)], cancellationToken);
            foreach (var hit in page.Hits.Where(hit => !hidden.Contains(hit.Message.Id)))
            {
                found.Add(hit);
                if (found.Count == request.Limit && (page.HasMore || hit != page.Hits[^1]))
                {
                    return (found, hit);
                }
            }

            // A page may be short: who has deleted thousands of what matches is not let wait for all of them.
            if (!page.HasMore || look == MostLooks)
            {
                return (found, page.HasMore ? page.Hits[^1] : null);
            }

            var last = page.Hits[^1];
            request = request with { After = new SearchCursor(last.Score, last.Message.SentAt, last.Message.Id) };
        }
    }
}
