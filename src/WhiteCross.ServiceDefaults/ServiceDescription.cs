using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Scalar.AspNetCore;

namespace WhiteCross.ServiceDefaults;

/// <summary>The service's API, described: <c>/openapi/v1.json</c> for programs, <c>/docs</c> for people.</summary>
internal static class ServiceDescription
{
    public static void AddServiceDescription(this IServiceCollection services, string serviceName) =>
        services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = $"White Cross {serviceName}";
            document.Info.Version = "v1";
            return Task.CompletedTask;
        }));

    public static void MapServiceDescription(this WebApplication app)
    {
        app.MapOpenApi().AllowAnonymous();
        app.MapScalarApiReference("/docs").AllowAnonymous();
    }
}
