using WhiteCross.MessageDelivery;
using WhiteCross.ServiceDefaults;

return await ServiceProgram.RunAsync(MessageDeliveryApp.AppId, args, () => MessageDeliveryApp.Create(args));
