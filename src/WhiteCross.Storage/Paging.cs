using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Storage;

/// <summary>Lists that are given a page at a time: <c>limit</c> and <c>cursor</c>.</summary>
public static class Paging
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    /// <summary>Says that an endpoint reads <c>limit</c> and <c>cursor</c>.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public static RouteHandlerBuilder WithPaging(this RouteHandlerBuilder endpoint) => endpoint
        .WithQueryParameter("limit", JsonSchemaType.Integer, $"At most so many, 1–{MaxLimit}. Default: {DefaultLimit}.")
        .WithQueryParameter("cursor", JsonSchemaType.String, "The nextCursor of the page before. Left out: the first page.");

    /// <summary>How many to list: what <c>limit</c> says, or the default.</summary>
    /// <param name="input">The request's query.</param>
    public static int Limit(this QueryInput input) => input.Number("limit", DefaultLimit, 1, MaxLimit);

    /// <summary>Where to go on: what <c>cursor</c> says; null for the first page.</summary>
    /// <param name="input">The request's query.</param>
    public static PageCursor? Cursor(this QueryInput input)
    {
        PageCursor? after = null;
        if (input.Text("cursor") is { } cursor && !PageCursor.TryParse(cursor, out after))
        {
            input.Refuse("cursor", "is not a cursor: give back the nextCursor of the page before, or leave it out for the first page.");
        }

        return after;
    }
}
