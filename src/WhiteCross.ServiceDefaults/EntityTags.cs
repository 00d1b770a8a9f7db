using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace WhiteCross.ServiceDefaults;

/// <summary>An endpoint whose answers have an <c>ETag</c>: asked again with <c>If-None-Match</c>, it answers 304 while nothing has changed.</summary>
public sealed record HasEntityTag;

/// <summary>ETags for what clients ask for again and again.</summary>
public static class EntityTags
{
    private const int TagBytes = 12;

    /// <summary>Gives the endpoint's answers a tag, made of what is in them.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public static RouteHandlerBuilder WithEntityTag(this RouteHandlerBuilder endpoint) => endpoint.WithEntityTag<object>(static value => value);

    /// <summary>Gives the endpoint's answers a tag, made of what is in them but for what is never the same, such as the time of asking.</summary>
    /// <typeparam name="T">What the endpoint answers.</typeparam>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="lasting">What the tag is made of.</param>
    public static RouteHandlerBuilder WithEntityTag<T>(this RouteHandlerBuilder endpoint, Func<T, T> lasting)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(lasting);
        endpoint.WithMetadata(new HasEntityTag());
        return endpoint.AddEndpointFilter(async (context, next) =>
        {
            var result = await next(context);
            return result is IValueHttpResult { Value: T value } and IStatusCodeHttpResult { StatusCode: null or StatusCodes.Status200OK }
                ? Answer(context.HttpContext, value, lasting(value))
                : result;
        });
    }

    /// <summary>A tag of content. It is weak: the same content may go out compressed or not.</summary>
    /// <param name="content">The content.</param>
    public static EntityTagHeaderValue Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(hash[..TagBytes])}\"", isWeak: true);
    }

    private static FileContentHttpResult Answer(HttpContext context, object value, object lasting)
    {
        var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var body = JsonSerializer.SerializeToUtf8Bytes(value, json.GetTypeInfo(value.GetType()));
        var tag = Of(ReferenceEquals(value, lasting) ? body : JsonSerializer.SerializeToUtf8Bytes(lasting, json.GetTypeInfo(lasting.GetType())));

        // A browser may keep it, but asks each time whether it still holds.
        context.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Bytes(body, "application/json; charset=utf-8", entityTag: tag);
    }
}
