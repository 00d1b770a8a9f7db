using WhiteCross.Jobs.Redis;

namespace WhiteCross.Gateway;

/// <summary>The Lua scripts of the gateway's own stores.</summary>
internal static class GatewayScripts
{
    public static RedisScript Replace { get; } = RedisScript.EmbeddedChange(typeof(GatewayScripts).Assembly, "replace");

    public static RedisScript Remove { get; } = RedisScript.EmbeddedChange(typeof(GatewayScripts).Assembly, "remove");

    public static RedisScript AddAudit { get; } = Read("add-audit");

    public static RedisScript Announce { get; } = Read("announce");

    public static RedisScript AddHealthChange { get; } = Read("add-health-change");

    public static RedisScript NoteTrend { get; } = Read("note-trend");

    private static RedisScript Read(string name) => RedisScript.Embedded(typeof(GatewayScripts).Assembly, name);
}
