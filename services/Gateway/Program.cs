using WhiteCross.Gateway;
using WhiteCross.ServiceDefaults;

return await ServiceProgram.RunAsync(GatewayApp.AppId, args, () => GatewayApp.Create(args));
