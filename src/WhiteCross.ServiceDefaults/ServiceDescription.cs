using Microsoft.AspNetCore.Builder;
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
                Describe(schema, context.JsonTypeInfo.Type);
                return Task.CompletedTask;
            });
        });

    // What has a converter of our own is described by nobody else.
    private static void Describe(OpenApiSchema schema, Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain != typeof(int) && plain != typeof(long) && plain != typeof(DateTimeOffset))
        {
            return;
        }

        schema.Type = (plain == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.Integer) | (plain == type ? 0 : JsonSchemaType.Null);
        schema.Format = plain == typeof(int) ? "int32" : plain == typeof(long) ? "int64" : "date-time";
    }

    public static void MapServiceDescription(this WebApplication app)
    {
        app.MapOpenApi().ForReaders().TakesAnyRequest();
        app.MapScalarApiReference("/docs", options => options.DefaultFonts = false).ForReaders().TakesAnyRequest();
    }
}
