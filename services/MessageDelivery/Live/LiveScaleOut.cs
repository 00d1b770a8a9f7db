using Microsoft.AspNetCore.SignalR.StackExchangeRedis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using WhiteCross.Settings;

namespace WhiteCross.MessageDelivery;

/// <summary>Lets several instances serve users together, where <see cref="LiveOptions.Redis"/> is set.</summary>
internal static class LiveScaleOut
{
    public static void AddLiveScaleOut(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSettings<LiveOptions>(LiveOptions.SectionName);

        var address = builder.Configuration[$"{LiveOptions.SectionName}:{nameof(LiveOptions.Redis)}"];
        if (string.IsNullOrWhiteSpace(address))
        {
            return;
        }

        LiveRedis.Parse(address);
        services.AddSingleton<LiveRedis>();
        services.AddSingleton<RedisPresence>();
        services.AddSingleton<IPresence>(provider => provider.GetRequiredService<RedisPresence>());
        services.AddHostedService(provider => provider.GetRequiredService<RedisPresence>());
        services.AddSingleton<RedisInboxSignal>();
        services.AddSingleton<IInboxSignal>(provider => provider.GetRequiredService<RedisInboxSignal>());
        services.AddHostedService(provider => provider.GetRequiredService<RedisInboxSignal>());
        services.AddSignalR().AddStackExchangeRedis();
        services.AddOptions<RedisOptions>().Configure<LiveRedis>((options, redis) =>
        {
            options.Configuration.ChannelPrefix = RedisChannel.Literal("wc:hub:");
            options.ConnectionFactory = _ => redis.ConnectAsync();
        });
    }
}
