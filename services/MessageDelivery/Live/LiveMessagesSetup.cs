using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>Registers the hub.</summary>
internal static class LiveMessagesSetup
{
    public static void AddLiveMessages(this IServiceCollection services)
    {
        services.AddSignalR();
        services.AddOptions<HubOptions>().Configure<IOptions<LiveOptions>>((hub, live) => hub.ClientTimeoutInterval = live.Value.ClientTimeout);
        services.AddSingleton<IPresence, LocalPresence>();
        services.AddSingleton<InboxFeeds>();
        services.AddSingleton<IInboxSignal>(provider => provider.GetRequiredService<InboxFeeds>());
        services.AddScoped<LastSeen>();
        services.AddSingleton<LiveMessages>();
        services.AddScoped<MessageStatusMover>();
    }

    public static void MapLiveMessages(this WebApplication app)
    {
        // A hub can only drop a connection that names no user; here the client still hears why.
        var time = app.Services.GetRequiredService<TimeProvider>();
        app.Use(async (context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(MessageHub.Path, StringComparison.Ordinal)
                && context.GetEndpoint() is not null
                && Read(context) is { HasErrors: true } wrong)
            {
                await wrong.Problem().ExecuteAsync(context);
                return;
            }

            context.Items[MessageHub.BeganKey] = time.GetUtcNow();
            await next(context);
        });
        app.MapHub<MessageHub>(MessageHub.Path, hub => hub.CloseOnAuthenticationExpiration = true).RequireUser(app.Services).StaysOpen().TakesAnyContent().TakesAnyRequest();
    }

    private static QueryInput Read(HttpContext context)
    {
        var input = QueryInput.Of(context);
        input.RequiredUser("is required: the uuid of the user who connects.");
        InboxStart.Read(input);
        return input;
    }
}
