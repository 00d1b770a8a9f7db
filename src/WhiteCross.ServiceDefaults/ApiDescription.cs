using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace WhiteCross.ServiceDefaults;

/// <summary>An OpenAPI document that a service brings along, in the place of the one that the framework would make anew in every process.</summary>
public sealed class ApiDescription
{
    private readonly byte[] _json;
    private readonly EntityTagHeaderValue _tag;

    /// <summary>Creates it.</summary>
    /// <param name="json">The document, in UTF-8.</param>
    public ApiDescription(byte[] json) => (_json, _tag) = (json, EntityTags.Of(json));

    internal FileContentHttpResult Answer(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache"; // Asked again each time, and answered 304 where nothing has changed.
        return TypedResults.Bytes(_json, "application/json;charset=utf-8", entityTag: _tag);
    }
}
