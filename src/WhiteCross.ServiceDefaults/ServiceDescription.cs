using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace WhiteCross.ServiceDefaults;

/// <summary>The service's API, described: <c>/openapi/v1.json</c> for programs, <c>/docs</c> for people.</summary>
internal static class ServiceDescription
{
    public static void AddServiceDescription(this IServiceCollection services, string serviceName) =>
        services.AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = $"White Cross {serviceName}";
                document.Info.Version = "v1";
                return Task.CompletedTask;
            });
            options.AddSchemaTransformer((schema, context, _) =>
            {
                Describe(schema, context.JsonTypeInfo);
                return Task.CompletedTask;
            });
        });

    // What has a converter of our own is described by nobody else; and a number is a number, although one in quotes is understood too.
    private static void Describe(OpenApiSchema schema, JsonTypeInfo json)
    {
        var plain = Nullable.GetUnderlyingType(json.Type) ?? json.Type;
        var orNull = plain == json.Type ? 0 : JsonSchemaType.Null;
        if (plain == typeof(int) || plain == typeof(long) || plain == typeof(DateTimeOffset))
        {
            schema.Type = (plain == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.Integer) | orNull;
            schema.Format = plain == typeof(int) ? "int32" : plain == typeof(long) ? "int64" : "date-time";
            schema.Pattern = null;
        }
        else if (plain == typeof(double) || plain == typeof(float) || plain == typeof(decimal))
        {
            schema.Type = JsonSchemaType.Number | orNull;
            schema.Pattern = null;
        }
        else if (plain.IsEnum)
        {
            var words = Enum.GetValuesAsUnderlyingType(plain).Cast<object>().Select(value => JsonSerializer.SerializeToNode(Enum.ToObject(plain, value), plain, json.Options)!).ToList();
            var areWords = words.All(word => word.GetValueKind() == JsonValueKind.String);
            schema.Type = (areWords ? JsonSchemaType.String : JsonSchemaType.Integer) | orNull;
            schema.Enum = areWords ? [.. words] : null;
        }
        else if (schema.Type is { } type && type.HasFlag(JsonSchemaType.Array) && schema.Items is null && json.ElementType is { } element)
        {
            var items = new OpenApiSchema();
            Describe(items, json.Options.GetTypeInfo(element));
            schema.Items = items;
        }
    }

    public static void MapServiceDescription(this WebApplication app)
    {
        if (app.Services.GetService<ApiDescription>() is { } description)
        {
            app.MapGet("/openapi/v1.json", description.Answer).ForReaders().TakesAnyRequest().ExcludeFromDescription();
        }
        else
        {
            app.MapOpenApi().ForReaders().TakesAnyRequest();
        }

        app.MapScalarApiReference("/docs", options => options.DefaultFonts = false).ForReaders().TakesAnyRequest();
    }
}
