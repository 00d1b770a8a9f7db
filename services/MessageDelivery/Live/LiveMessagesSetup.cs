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
                && Wrong(context) is { Count: > 0 } errors)
            {
                await TypedResults.ValidationProblem(errors).ExecuteAsync(context);
                return;
            }

            context.Items[MessageHub.BeganKey] = time.GetUtcNow();
            await next(context);
        });
        app.MapHub<MessageHub>(MessageHub.Path, hub => hub.CloseOnAuthenticationExpiration = true).RequireUser(app.Services).StaysOpen().TakesAnyContent().TakesAnyRequest();
    }

    private static Dictionary<string, string[]> Wrong(HttpContext context)
    {
        var errors = new Dictionary<string, string[]>();
        if (UserAuthentication.FindUser(context) is { UserId: null } user)
        {
            errors[UserAuthentication.UserParameter] = [user.Error ?? "is required: the uuid of the user who connects."];
        }

        if (!InboxStart.TryRead(context.Request.Query, out _))
        {
            errors[InboxStart.Parameter] = ["must be the position of the last message that the device has, a whole number from 0 on; or resume. Left out: only what is new."];
        }

        return errors;
    }
}
