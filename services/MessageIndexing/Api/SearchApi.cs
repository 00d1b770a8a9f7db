using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageIndexing;

/// <summary>Searching messages: each user finds what that user sent or received.</summary>
internal static class SearchApi
{
    public static void AddSearch(this IServiceCollection services) =>
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, SearchJsonContext.Default));

    public static void MapSearch(this WebApplication app) => app.MapGet("/search", SearchAsync).WithName("Search").WithTags("Search")
        .WithSummary("Finds messages by their words, among those that the user sent or received: the best first.")
        .WithDescription("A query is made of words in any form, \"phrases\", beginnings of words with *, and exclusions with -; all of them must hold.")
        .WithQueryParameter("q", JsonSchemaType.String, $"""The query, for example: fever "blood test" medicat* -urgent. At most {SearchQueryReader.MaxLength} characters.""")
        .WithQueryParameter(UserAuthentication.UserParameter, JsonSchemaType.String, "Who asks: required where users are not authenticated, ignored where they are.", "uuid")
        .WithQueryParameter("conversationId", JsonSchemaType.String, "Only in this conversation.", "uuid")
        .WithQueryParameter("from", JsonSchemaType.String, "Only at this time or later: a date (UTC), or a date-time with its offset.", "date-time")
        .WithQueryParameter("to", JsonSchemaType.String, "Only at this time or earlier; a date stands for its end.", "date-time")
        .WithQueryParameter("limit", JsonSchemaType.Integer, $"At most so many, 1–{SearchInput.MaxLimit}. Default: {SearchInput.DefaultLimit}.")
        .WithQueryParameter("cursor", JsonSchemaType.String, "The nextCursor of the page before. Left out: the first page.")
        .GathersErrors()
        .ProducesValidationProblem()
        .RequireUser(app.Services);

    private static async Task<Results<Ok<SearchAnswer>, ValidationProblem>> SearchAsync(HttpContext context, IMessageIndex index, CancellationToken cancellationToken)
    {
        var input = new SearchInput(context);
        if (input.Request is not { } request)
        {
            return TypedResults.ValidationProblem(input.Errors);
        }

        var page = await index.SearchAsync(request, cancellationToken);
        var next = page is { HasMore: true, Hits: [.., { } last] }
            ? new SearchCursor(last.Score, last.Message.SentAt, last.Message.Id).ToText(input.SearchNumber)
            : null;
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new SearchAnswer([.. page.Hits.Select(hit => SearchResult.Of(hit, request.Query))], next));
    }
}
