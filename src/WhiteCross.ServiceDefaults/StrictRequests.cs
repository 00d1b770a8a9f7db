using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// Refuses, by its name, what an endpoint would not read: query parameters, members of a body, a body where none is read; and parameters that are empty
/// or given twice. What narrows a request and is misspelled must not make it one for everything.
/// </summary>
public static class StrictRequests
{
    // Some clients send an empty object with every POST: it asks for nothing.
    private const int LongestEmptyBody = 64;

    private static readonly object QueryErrorsKey = new();
    private static readonly Dictionary<string, string[]> NoErrors = [];

    private static readonly ConditionalWeakTable<Endpoint, string[]> KnownParameters = [];

    /// <summary>What is wrong with the query, for an endpoint that <see cref="RequestRules.GathersErrors"/>: it refuses a request with any.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The errors, to which the endpoint adds its own.</returns>
    public static Dictionary<string, string[]> TakeQueryErrors(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Items[QueryErrorsKey] as Dictionary<string, string[]> ?? [];
    }

    internal static void AddStrictRequests(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            var options = json.SerializerOptions;
            options.UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow;
            options.AllowDuplicateProperties = false;
            options.Converters.Add(new Rfc3339JsonConverter());
            options.Converters.Add(new WholeInt32JsonConverter());
            options.Converters.Add(new WholeInt64JsonConverter());
        });

        // Else the framework answers without saying what is wrong.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }

    internal static void UseStrictRequests(this WebApplication app) => app.Use(InvokeAsync);

    /// <summary>The query parameters that an endpoint reads; null when it takes any request.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public static IReadOnlyList<string>? ParametersOf(Endpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint is not RouteEndpoint route || endpoint.Metadata.GetMetadata<AnyRequest>() is not null ? null : KnownParameters.GetValue(endpoint, _ => Find(route));
    }

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is not { } endpoint || ParametersOf(endpoint) is not { } known)
        {
            await next(context);
            return;
        }

        // Most requests have no query: nothing is made for them.
        Dictionary<string, string[]> errors = context.Request.QueryString.HasValue ? ErrorsOf(context.Request.Query, known) : NoErrors;
        if (errors.Count == 0 && !ReadsBody(endpoint) && await HasBodyAsync(context))
        {
            await RefuseAsync(context, new()
            {
                ["$"] = [$"This request takes no body, and nothing of it was done. {(known.Count == 0 ? "It takes no query parameters either." : $"Query parameters are {string.Join(", ", known)}.")}"],
            });
            return;
        }

        if (errors.Count > 0 && endpoint.Metadata.GetMetadata<GatheredErrors>() is not null)
        {
            context.Items[QueryErrorsKey] = errors;
        }
        else if (errors.Count > 0)
        {
            await RefuseAsync(context, errors);
            return;
        }

        try
        {
            await next(context);
        }
        catch (BadHttpRequestException exception)
            when (exception.StatusCode is StatusCodes.Status400BadRequest or StatusCodes.Status415UnsupportedMediaType && !context.Response.HasStarted)
        {
            if (exception.StatusCode == StatusCodes.Status415UnsupportedMediaType)
            {
                await TypedResults.Problem("The body must be JSON: send content-type application/json.", statusCode: exception.StatusCode, title: "Not JSON").ExecuteAsync(context);
                return;
            }

            var (field, message) = Describe(context, endpoint, exception);

            // Beside what is wrong with the query, which the endpoint did not come to tell.
            await RefuseAsync(context, new(errors) { [field] = [message] });
        }
    }

    private static string[] Find(RouteEndpoint endpoint)
    {
        var inPath = endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var ofHandler = endpoint.Metadata.OfType<IParameterBindingMetadata>()
            .Where(parameter => !inPath.Contains(parameter.Name) && IsFromQuery(parameter))
            .Select(parameter => parameter.ParameterInfo.GetCustomAttributes(inherit: false).OfType<IFromQueryMetadata>().FirstOrDefault()?.Name ?? parameter.Name);
        return [.. endpoint.Metadata.OfType<ReadQueryParameter>().Select(parameter => parameter.Name).Concat(ofHandler).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    // The framework's own rule: simple values that the path does not have come from the query.
    private static bool IsFromQuery(IParameterBindingMetadata parameter)
    {
        var attributes = parameter.ParameterInfo.GetCustomAttributes(inherit: false);
        return attributes.OfType<IFromQueryMetadata>().Any()
            || (!attributes.Any(attribute => attribute is IFromServiceMetadata or IFromBodyMetadata or IFromHeaderMetadata or IFromFormMetadata or IFromRouteMetadata)
                && !parameter.HasBindAsync
                && (parameter.HasTryParse || parameter.ParameterInfo.ParameterType == typeof(string)));
    }

    internal static bool ReadsBody(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null || endpoint.Metadata.GetMetadata<ReadBody>() is not null;

    private static Dictionary<string, string[]> ErrorsOf(IQueryCollection query, IReadOnlyList<string> known)
    {
        var errors = new Dictionary<string, string[]>();
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                errors[UnknownNames.FieldOf(name)] = [UnknownNames.Message(name, known)];
            }
            else if (values.Count > 1)
            {
                errors[name] = ["must be given once."];
            }
            else if (string.IsNullOrEmpty(values[0]))
            {
                errors[name] = ["must not be empty: give a value, or leave it out."];
            }
        }

        return errors;
    }

    private static async ValueTask<bool> HasBodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(LongestEmptyBody);
        try
        {
            var length = await context.Request.Body.ReadAtLeastAsync(buffer.AsMemory(0, LongestEmptyBody), LongestEmptyBody, throwOnEndOfStream: false, context.RequestAborted);
            return !IsEmpty(buffer.AsSpan(0, length)) || length == LongestEmptyBody;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static bool IsEmpty(ReadOnlySpan<byte> body)
    {
        body = body.Trim(" \t\r\n"u8);
        return body.IsEmpty || (body[0] == '{' && body[^1] == '}' && body[1..^1].Trim(" \t\r\n"u8).IsEmpty);
    }

    private static (string Field, string Message) Describe(HttpContext context, Endpoint endpoint, BadHttpRequestException exception)
    {
        if (endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type)
        {
            var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions.GetTypeInfo(type);
            return exception.InnerException is JsonException wrong
                ? JsonErrors.Describe(wrong, json)
                : ("$", $"must be a JSON body of {string.Join(", ", json.Properties.Select(property => property.Name))}.");
        }

        return ("$", "is malformed: a parameter is missing or has a value of the wrong form.");
    }

    private static Task RefuseAsync(HttpContext context, Dictionary<string, string[]> errors) =>
        TypedResults.ValidationProblem(errors, title: "The request is not valid; see errors for each field.").ExecuteAsync(context);
}
