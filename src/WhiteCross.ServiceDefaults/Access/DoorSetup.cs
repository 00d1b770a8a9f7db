using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Settings;

namespace WhiteCross.ServiceDefaults;

/// <summary>Puts a keeper before all doors.</summary>
internal static class DoorSetup
{
    public static void AddDoors(this IServiceCollection services)
    {
        services.AddSettings<AccessOptions>(AccessOptions.SectionName);
        services.AddKnownSection("Authentication", "Authority", "Audience", "Insecure");
        services.AddSingleton<DoorStates>();
        services.AddHostedService(provider => provider.GetRequiredService<DoorStates>());
    }

    // A header without a value is taken for none; routing would fail on it.
    public static void UseReadableContentTypes(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.Headers.ContentType is { Count: > 0 } && string.IsNullOrWhiteSpace(context.Request.ContentType))
        {
            context.Request.Headers.Remove("Content-Type");
        }

        return next(context);
    });
}
